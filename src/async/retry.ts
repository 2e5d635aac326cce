import { setTimeout as sleep } from "node:timers/promises";

import { toKeepsakeError, type KeepsakeError } from "../errors.js";

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Seconds without progress after which the last error is thrown. Default null: no limit but the signal. */
  readonly maxSeconds?: number | null;
  /** Default null: no limit. */
  readonly maxRetries?: number | null;
  /** Any number that changes when the work advances, such as bytes that arrived. A change starts the limits again. */
  readonly progress?: () => number;
  /** The delay doubles from the first to the maximum. Default 0.5 and 15. A server may require a longer delay. */
  readonly firstDelaySeconds?: number;
  readonly maxDelaySeconds?: number;
  /** Default: an error of the fault `world` is worth another try, and no other. */
  readonly isWorthRetrying?: (error: KeepsakeError) => boolean | Promise<boolean>;
}

/**
 * Runs `run` until it succeeds, with a growing delay between two tries.
 * @throws what `run` throws when that is not worth another try or a limit is reached; the signal's reason when aborted
 */
export async function retry<Result>(run: () => Promise<Result>, options: RetryOptions): Promise<Result> {
  const { signal, maxSeconds = null, maxRetries = null, progress = () => 0 } = options;
  const { firstDelaySeconds = 0.5, maxDelaySeconds = 15 } = options;
  const { isWorthRetrying = ({ fault }) => fault === "world" } = options;
  let startedAt = performance.now();
  let lastProgress = progress();
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await run();
    } catch (error) {
      signal.throwIfAborted();
      const ours = toKeepsakeError(error);
      if (!(await isWorthRetrying(ours))) throw error;
      if (progress() !== lastProgress) {
        lastProgress = progress();
        startedAt = performance.now();
        failures = 0;
      }
      if (maxRetries !== null && failures >= maxRetries) throw error;
      const delaySeconds = Math.max(
        jittered(backoffSeconds(failures, firstDelaySeconds, maxDelaySeconds)),
        ours.retryAfterSeconds ?? 0,
      );
      const elapsedSeconds = (performance.now() - startedAt) / 1000;
      if (maxSeconds !== null && elapsedSeconds + delaySeconds > maxSeconds) throw error;
      failures += 1;
      await sleep(delaySeconds * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** Returns the seconds to wait after a number of failures; each failure doubles them, up to the maximum. */
export function backoffSeconds(failures: number, firstSeconds: number, maxSeconds: number): number {
  return Math.min(maxSeconds, firstSeconds * 2 ** failures);
}

/** Returns a random part of the seconds, at least half, so that callers that failed together do not retry together. */
export function jittered(seconds: number): number {
  return seconds * (0.5 + Math.random() / 2);
}
