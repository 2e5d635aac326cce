import type { Progress } from "../progress.js";

/** Shows stage and progress of the film at hand on one line of a terminal; elsewhere it shows nothing. */
export interface ProgressView extends Disposable {
  show(film: string, progress: Progress): void;
}

const leastMillisecondsBetween = 100;
const barWidth = 24;

export function openProgressView(screen: NodeJS.WriteStream): ProgressView {
  if (!screen.isTTY) return { show() {}, [Symbol.dispose]() {} };
  let lastShown = 0;
  let lastStage = "";
  return {
    show(film, progress) {
      const now = performance.now();
      const ends = progress.done === progress.total || progress.stage !== lastStage;
      if (!ends && now - lastShown < leastMillisecondsBetween) return;
      lastShown = now;
      lastStage = progress.stage;
      screen.write(`\r\u001B[K${formatProgress(film, progress)}`);
    },
    [Symbol.dispose]() {
      screen.write("\r\u001B[K");
    },
  };
}

/** E.g. `film  painting   ████████················  312 of 936 frames`. */
export function formatProgress(film: string, { stage, done, total, unit }: Progress): string {
  const filled = total === 0 ? 0 : Math.floor((barWidth * Math.min(done, total)) / total);
  const bar = "█".repeat(filled) + "·".repeat(barWidth - filled);
  const amount =
    unit === "bytes"
      ? `${(done / 2 ** 20).toFixed(1)} of ${(total / 2 ** 20).toFixed(1)} MiB`
      : `${done} of ${total} ${unit}`;
  return `${film}  ${stage.padEnd(10)} ${bar}  ${amount}`;
}
