/** Estimates the remaining time of a stage from its pace in the last two minutes. */
export interface TimeLeft {
  /** @param share of the stage that is done, 0 to 1 */
  feed(share: number): void;
  /** Returns null while there is no estimate: in the first seconds, and while there is no progress. */
  seconds(): number | null;
}

/** Length of the time that the estimate is based on; it averages quick and slow scenes. */
const windowSeconds = 120;
/** There is no estimate before this time and this share of the stage have passed. */
const minSeconds = 5;
const minShare = 0.01;
const sampleSeconds = 1;

/** @param now returns milliseconds */
export function createTimeLeft(now: () => number = () => performance.now()): TimeLeft {
  const samples: { readonly at: number; readonly share: number }[] = [];
  return {
    feed(share) {
      const at = now() / 1000;
      const last = samples.at(-1);
      // A stage may start with work that was cached, which does not count for its pace.
      if (last !== undefined && share <= last.share) return;
      if (last !== undefined && samples.length > 1 && at - last.at < sampleSeconds) samples.pop();
      samples.push({ at, share });
      while (samples.length > 2 && (samples[1]?.at ?? at) < at - windowSeconds) samples.shift();
    },
    seconds() {
      const [first] = samples;
      const last = samples.at(-1);
      if (first === undefined || last === undefined) return null;
      const at = now() / 1000;
      const passed = at - first.at;
      const done = last.share - first.share;
      // A stage without progress for longer than the window may never continue.
      if (passed < minSeconds || done < minShare || at - last.at > windowSeconds) return null;
      return (1 - last.share) * (passed / done);
    },
  };
}
