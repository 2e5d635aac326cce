import { stages, type Progress, type Stage } from "../progress.js";
import { createTimeLeft, type TimeLeft } from "./time-left.js";

/** How far a film is, as people are told. */
export interface ToldProgress {
  readonly progress: Progress;
  /** Whole, of the stage, rounded down: 100 is said of what is done alone. */
  readonly percent: number;
  /** Of the stage; null while nobody can know. */
  readonly secondsLeft: number | null;
}

/** Keeps what was last reported of each stage of one film. */
export interface ProgressFollower {
  report(progress: Progress): void;
  /** The earliest stage that is underway, as later ones wait for it; between stages the last; null before the first. */
  tell(): ToldProgress | null;
}

/** @param now milliseconds */
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
    tell() {
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

/** How much of a stage is done, 0 to 1. */
export function shareOf({ done, total, share }: Progress): number {
  return Math.min(1, share ?? (total > 0 ? done / total : 0));
}

function percentOf(progress: Progress): number {
  // 0.29 times 100 is a little less than 29.
  const percent = Math.floor(100 * shareOf(progress) + 1e-6);
  return progress.done < progress.total ? Math.min(99, percent) : percent;
}
