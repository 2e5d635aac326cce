import { Stop } from "../async/stop.js";

export interface TimeLimits {
  /** Limit of one attempt; null: none. */
  readonly attemptSeconds: number | null;
  /** Limit of the time without progress; null: none. */
  readonly stallSeconds: number | null;
}

/** Stops an attempt that takes too long, or that reports no progress for too long. */
export function watchTime(
  { attemptSeconds, stallSeconds }: TimeLimits,
  onStop: (stop: Stop) => void,
): Disposable & { readonly progressed: () => void } {
  const after = (seconds: number | null, message: string): NodeJS.Timeout | undefined =>
    seconds === null ? undefined : setTimeout(() => onStop(new Stop("timed-out", message)), seconds * 1000);
  const whole = after(attemptSeconds, `The film was not finished in ${attemptSeconds} s.`);
  const watchStall = (): NodeJS.Timeout | undefined =>
    after(stallSeconds, `The film made no progress for ${stallSeconds} s.`);
  let stall = watchStall();
  return {
    progressed: () => {
      clearTimeout(stall);
      stall = watchStall();
    },
    [Symbol.dispose]: () => {
      clearTimeout(whole);
      clearTimeout(stall);
    },
  };
}
