import { stages, type Progress, type Stage } from "../progress.js";
import { createTimeLeft, type TimeLeft } from "./time-left.js";

/** Progress of a film in the form that is shown and logged. */
export interface ProgressReport {
  readonly progress: Progress;
  /** Whole percent of the stage, rounded down; 100 only when it is done. */
  readonly percent: number;
  /** Seconds until the stage is done; null while that cannot be estimated. */
  readonly secondsLeft: number | null;
}

/** Stores the last report of each stage of one film. */
export interface ProgressFollower {
  report(progress: Progress): void;
  /**
   * Returns the earliest stage that is not done, because later ones wait for it; between stages the last one; null
   * before the first report.
   */
  current(): ProgressReport | null;
}

/** @param now returns milliseconds */
export function followProgress(now?: () => number): ProgressFollower {
  const latest = new Map<Stage, { progress: Progress; readonly timeLeft: TimeLeft }>();
  let last: Progress | null = null;
  return {
    report(progress) {
      last = progress;
      const known = latest.get(progress.stage) ?? { progress, timeLeft: createTimeLeft(now) };
      known.progress = progress;
      known.timeLeft.feed(shareOf(progress));
      latest.set(progress.stage, known);
    },
    current() {
      for (const stage of stages) {
        const known = latest.get(stage);
        if (known === undefined || known.progress.done >= known.progress.total) continue;
        const { progress, timeLeft } = known;
        return { progress, percent: percentOf(progress), secondsLeft: timeLeft.seconds() };
      }
      return last === null ? null : { progress: last, percent: percentOf(last), secondsLeft: null };
    },
  };
}

/** Returns how much of a stage is done, 0 to 1. */
export function shareOf({ done, total, share }: Progress): number {
  return Math.min(1, share ?? (total > 0 ? done / total : 0));
}

function percentOf(progress: Progress): number {
  // 0.29 times 100 is a little less than 29.
  const percent = Math.floor(100 * shareOf(progress) + 1e-6);
  return progress.done < progress.total ? Math.min(99, percent) : percent;
}
