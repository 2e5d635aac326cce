import { KeepsakeError } from "../errors.js";

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Time without progress after which the last error is thrown. */
  readonly maxSeconds: number;
  /** Any number that changes when the work got on: bytes that arrived. A change starts `maxSeconds` again. */
  readonly progress?: () => number;
  readonly firstDelaySeconds?: number;
}

const longestDelaySeconds = 15;

/**
 * Runs `run` until it succeeds, waiting longer each time and at least as long as the other side asks for, as long as
 * its errors are the world's fault.
 *
 * @throws what `run` throws when it is not worth trying again; the signal's reason when aborted
 */
export async function retryTemporary<T>(run: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, maxSeconds, progress = () => 0, firstDelaySeconds = 0.5 } = options;
  let startedAt = performance.now();
  let progressSeen = progress();
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await run();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof KeepsakeError) || error.fault !== "world") throw error;
      if (progress() !== progressSeen) {
        progressSeen = progress();
        startedAt = performance.now();
        failures = 0;
      }
      const backoffSeconds = Math.min(longestDelaySeconds, firstDelaySeconds * 2 ** failures);
      const delaySeconds = Math.max(backoffSeconds * (0.5 + Math.random() / 2), error.retryAfterSeconds ?? 0);
      const elapsedSeconds = (performance.now() - startedAt) / 1000;
      if (elapsedSeconds + delaySeconds > maxSeconds) throw error;
      failures += 1;
      await waitSeconds(delaySeconds, signal);
    }
  }
}

/** @throws the signal's reason when it is aborted first */
async function waitSeconds(seconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, seconds * 1000);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
