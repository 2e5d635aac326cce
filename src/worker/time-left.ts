/** Says how long a stage still takes, from how fast it was in the last minutes. */
export interface TimeLeft {
  /** @param share of the stage that is done, 0 to 1 */
  feed(share: number): void;
  /** Null while nobody can know: in the first seconds, and when nothing moves. */
  seconds(): number | null;
}

/** Looked back on: long enough to even out scenes that are quick and slow. */
const windowSeconds = 120;
/** Nothing is said of a stage before so much of it was seen. */
const minSeconds = 5;
const minShare = 0.01;
const pauseSeconds = 1;

/** @param now milliseconds */
export function createTimeLeft(now: () => number = () => performance.now()): TimeLeft {
  const samples: { readonly at: number; readonly share: number }[] = [];
  return {
    feed(share) {
      const at = now() / 1000;
      const last = samples.at(-1);
      // A stage may begin with what was made before, which says nothing of its pace.
      if (last !== undefined && share <= last.share) return;
      if (last !== undefined && samples.length > 1 && at - last.at < pauseSeconds) samples.pop();
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
      // What has stood for longer than it was ever seen to move may stand for ever.
      if (passed < minSeconds || done < minShare || at - last.at > windowSeconds) return null;
      return (1 - last.share) * (passed / done);
    },
  };
}
