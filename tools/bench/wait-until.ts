import { setTimeout as sleep } from "node:timers/promises";

const pollMilliseconds = 200;

/** Polls several times a second until there is a value. @throws the signal's reason */
export async function waitUntil<Value>(
  poll: () => Promise<Value | null>,
  signal: AbortSignal,
): Promise<Value> {
  for (;;) {
    const value = await poll();
    if (value !== null) return value;
    await sleep(pollMilliseconds, undefined, { signal });
  }
}
