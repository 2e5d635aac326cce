import { followProgress } from "./follow-progress.js";
import type { Log } from "../log.js";
import type { Progress } from "../progress.js";

export interface ProgressLog extends Disposable {
  report(progress: Progress): void;
}

/**
 * Says in the log, at `info`, how far a film is, every so often until disposed.
 *
 * @param log that of the attempt, which names the capsule
 */
export function logProgress(log: Log, everySeconds: number): ProgressLog {
  const follower = followProgress();
  const tell = (): void => {
    const told = follower.tell();
    if (told === null) return;
    const { progress, percent, secondsLeft } = told;
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
  const timer = setInterval(tell, everySeconds * 1000);
  return {
    report: (progress) => follower.report(progress),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
