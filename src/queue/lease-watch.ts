import { Stop } from "../async/stop.js";

export interface LeaseWatchOptions {
  /** On the monotonic clock, in milliseconds: before the call that began the lease was sent. */
  readonly since: number;
  readonly leaseSeconds: number;
  /** The attempt is stopped this long before its lease would end. */
  readonly marginSeconds: number;
}

/**
 * How long a job is certainly ours, by this process's monotonic clock, from its claim to its end in the database. It
 * counts from before the call that last renewed the lease was sent, so it is over here sooner than on the server.
 */
export interface LeaseWatch extends Disposable {
  /**
   * Aborted with a `Stop` when the time is over without a renewal: `out-of-reach` where this process ran and the
   * database did not answer; `frozen` where this process did not run, which says nothing of the database.
   */
  readonly signal: AbortSignal;
  /** Monotonic milliseconds: until then the job is ours, less the margin. */
  readonly safeUntil: () => number;
  /** @param sentAt before the call that renewed the lease was sent */
  readonly renew: (sentAt: number) => void;
}

export function watchLease({ since, leaseSeconds, marginSeconds }: LeaseWatchOptions): LeaseWatch {
  const safeMilliseconds = (leaseSeconds - marginSeconds) * 1000;
  const over = new AbortController();
  let safeUntil = since + safeMilliseconds;
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    // A timer that is later than the margin did not fire before the lease had passed: the process was stopped.
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
