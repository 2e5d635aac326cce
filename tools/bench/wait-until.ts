import { setTimeout as sleep } from "node:timers/promises";

const lookMilliseconds = 200;

/** Polls several times a second until there is a value. @throws the signal's reason */
export async function waitUntil<Value>(
  look: () => Promise<Value | null>,
  signal: AbortSignal,
): Promise<Value> {
  for (;;) {
    const value = await look();
    if (value !== null) return value;
    await sleep(lookMilliseconds, undefined, { signal });
  }
}
