import type { Log } from "../log.js";
import type { ReportProgress, Stage } from "../progress.js";

/** Passes progress on and measures each stage from its first report to its last. Stages may overlap. */
export interface StageClock {
  readonly report: ReportProgress;
  /** Returns wall seconds by stage, to the millisecond. */
  timings(): Partial<Record<Stage, number>>;
}

export interface StageClockOptions {
  /** Receives a record at `debug` when a stage starts and when it is done. */
  readonly log?: Log;
  /** Returns milliseconds. */
  readonly now?: () => number;
}

interface Span {
  readonly first: number;
  last: number;
  isDone: boolean;
}

export function createStageClock(
  onProgress: ReportProgress,
  { log, now = () => performance.now() }: StageClockOptions = {},
): StageClock {
  const spans = new Map<Stage, Span>();
  return {
    report(progress) {
      const { stage, done, total, unit } = progress;
      const time = now();
      let span = spans.get(stage);
      if (span === undefined) {
        span = { first: time, last: time, isDone: false };
        spans.set(stage, span);
        log?.debug({ stage, total, unit }, "stage started");
      }
      span.last = time;
      if (done >= total && !span.isDone) {
        span.isDone = true;
        log?.debug({ stage, total, unit, seconds: secondsOf(span) }, "stage ended");
      }
      onProgress(progress);
    },
    timings: () => Object.fromEntries([...spans].map(([stage, span]) => [stage, secondsOf(span)])),
  };
}

/** Rounds to the millisecond. */
function secondsOf({ first, last }: Span): number {
  return Math.round(last - first) / 1000;
}
