import { Stop } from "../async/stop.js";

export interface LeaseWatchOptions {
  /** Monotonic milliseconds at a moment before the call that began the lease was sent. */
  readonly since: number;
  readonly leaseSeconds: number;
  /** The attempt is stopped this long before its lease would end. */
  readonly marginSeconds: number;
}

/**
 * Tracks how long a job certainly belongs to this worker, by the monotonic clock of this process. The time is counted from
 * the moment before the last renewal was sent, so it ends earlier here than on the server.
 */
export interface LeaseWatch extends Disposable {
  /**
   * Aborted with a `Stop` when the lease is over: `out-of-reach` where this process ran and the database did not answer;
   * `frozen` where this process did not run, so that nothing is known about the database.
   */
  readonly signal: AbortSignal;
  /** The end of the lease, less the margin, in monotonic milliseconds. */
  readonly safeUntil: () => number;
  /** @param sentAt monotonic milliseconds before the call that renewed the lease was sent */
  readonly renew: (sentAt: number) => void;
}

export function watchLease({ since, leaseSeconds, marginSeconds }: LeaseWatchOptions): LeaseWatch {
  const safeMilliseconds = (leaseSeconds - marginSeconds) * 1000;
  const over = new AbortController();
  let safeUntil = since + safeMilliseconds;
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    // A timer that fires later than the margin fires after the lease: the process did not run in between.
    const isPunctual = performance.now() < safeUntil + marginSeconds * 1000;
    over.abort(
      isPunctual
        ? new Stop("out-of-reach", "The database was out of reach for as long as the lease lasts.")
        : new Stop("frozen", "This worker did not run for longer than the lease lasts."),
    );
  };
  const arm = (): void => {
    clearTimeout(timer);
    if (!over.signal.aborted) timer = setTimeout(end, Math.max(0, safeUntil - performance.now()));
  };
  arm();
  return {
    signal: over.signal,
    safeUntil: () => safeUntil,
    renew: (sentAt) => {
      safeUntil = sentAt + safeMilliseconds;
      arm();
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
