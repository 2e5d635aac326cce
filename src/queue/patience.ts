import { setTimeout as sleep } from "node:timers/promises";

import { KeepsakeError, toKeepsakeError } from "../errors.js";

/** How long a worker that shuts down still waits for a database that does not answer. */
const shutdownGraceSeconds = 5;

/**
 * A signal that is aborted when the database is to be given up on: at `until` (monotonic milliseconds; null: never), or a short
 * grace after `interrupt`, whichever comes first.
 */
export function openPatience(
  until: number | null,
  interrupt: AbortSignal,
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const giveUp = (): void =>
    controller.abort(new KeepsakeError("database-unreachable", "The database did not answer in time."));
  const timers: NodeJS.Timeout[] = [];
  if (until !== null) timers.push(setTimeout(giveUp, Math.max(0, until - performance.now())));
  const onInterrupt = (): void => void timers.push(setTimeout(giveUp, shutdownGraceSeconds * 1000));
  if (interrupt.aborted) onInterrupt();
  else interrupt.addEventListener("abort", onInterrupt, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const timer of timers) clearTimeout(timer);
      interrupt.removeEventListener("abort", onInterrupt);
    },
  };
}

/**
 * Calls until the database answers or the patience is over.
 * @param isWorthwhile whether to try again after this error; default: after what is the world's fault, and nothing else
 */
export async function insist<Result>(
  call: (signal: AbortSignal) => Promise<Result>,
  patience: AbortSignal,
  isWorthwhile: (error: KeepsakeError) => Promise<boolean> = async ({ fault }) => fault === "world",
): Promise<Result> {
  for (let waitMilliseconds = 200; ; waitMilliseconds = Math.min(waitMilliseconds * 2, 5_000)) {
    try {
      return await call(patience);
    } catch (error) {
      const ours = toKeepsakeError(error);
      if (patience.aborted || !(await isWorthwhile(ours))) throw error;
      const wait = waitMilliseconds * (0.5 + Math.random() / 2);
      await sleep(wait, undefined, { signal: patience }).catch(() => {
        throw error;
      });
    }
  }
}
