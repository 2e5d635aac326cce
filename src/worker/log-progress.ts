import { followProgress } from "./follow-progress.js";
import type { Log } from "../log.js";
import type { Progress } from "../progress.js";

export interface ProgressLog extends Disposable {
  report(progress: Progress): void;
}

/**
 * Logs the progress of a film at level `info`, at intervals, until it is disposed.
 *
 * @param log log of the attempt, which names the capsule
 */
export function logProgress(log: Log, everySeconds: number): ProgressLog {
  const follower = followProgress();
  const logCurrent = (): void => {
    const current = follower.current();
    if (current === null) return;
    const { progress, percent, secondsLeft } = current;
    const { stage, done, total, unit, bytes } = progress;
    log.info(
      {
        stage,
        percent,
        ...(secondsLeft !== null && { secondsLeft: Math.round(secondsLeft) }),
        done,
        total,
        unit,
        ...(bytes !== undefined && { bytes: bytes.done, bytesTotal: bytes.total }),
      },
      "progress",
    );
  };
  const timer = setInterval(logCurrent, everySeconds * 1000);
  return {
    report: (progress) => follower.report(progress),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
