import type { Progress, ReportProgress, Stage } from "./progress.js";

/** Passes progress on and keeps how long each stage took, from its first report to its last. Stages may overlap. */
export interface StageClock {
  readonly report: ReportProgress;
  /** Wall seconds by stage, to the millisecond. */
  timings(): Partial<Record<Stage, number>>;
}

export function createStageClock(
  onProgress: ReportProgress,
  now: () => number = () => performance.now(),
): StageClock {
  const spans = new Map<Stage, { readonly first: number; last: number }>();
  return {
    report(progress: Progress) {
      const time = now();
      const span = spans.get(progress.stage);
      if (span === undefined) spans.set(progress.stage, { first: time, last: time });
      else span.last = time;
      onProgress(progress);
    },
    timings() {
      return Object.fromEntries(
        [...spans].map(([stage, { first, last }]) => [stage, Math.round(last - first) / 1000]),
      );
    },
  };
}
