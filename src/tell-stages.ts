import type { Log } from "./log.js";
import type { ReportProgress, Stage } from "./progress.js";

/** Says in the log, at `debug`, when each stage of a film begins and how long it took. Stages may overlap. */
export function tellStages(log: Log): ReportProgress {
  const begun = new Map<Stage, number>();
  const ended = new Set<Stage>();
  return ({ stage, done, total, unit }) => {
    const now = performance.now();
    if (!begun.has(stage)) {
      begun.set(stage, now);
      log.debug({ stage, total, unit }, "stage begins");
    }
    if (done < total || ended.has(stage)) return;
    ended.add(stage);
    const seconds = Math.round(now - (begun.get(stage) ?? now)) / 1000;
    log.debug({ stage, total, unit, seconds }, "stage ended");
  };
}
