import { printable } from "../printable.js";
import type { Progress, Stage } from "../progress.js";

/** Shows stage and progress of the film at hand: one living line in a terminal, a line a finished stage elsewhere. */
export interface ProgressView extends Disposable {
  show(film: string, progress: Progress): void;
}

const leastMillisecondsBetween = 100;
const barWidth = 24;

export function openProgressView(screen: NodeJS.WriteStream): ProgressView {
  return screen.isTTY ? openLivingLine(screen) : openStageLines(screen);
}

function openLivingLine(screen: NodeJS.WriteStream): ProgressView {
  let lastShown = 0;
  return {
    show(film, progress) {
      const now = performance.now();
      if (progress.done < progress.total && now - lastShown < leastMillisecondsBetween) return;
      lastShown = now;
      screen.write(`\r\u001B[K${formatProgress(film, progress)}`);
    },
    [Symbol.dispose]() {
      screen.write("\r\u001B[K");
    },
  };
}

function openStageLines(screen: NodeJS.WriteStream): ProgressView {
  const finished = new Set<Stage>();
  return {
    show(film, progress) {
      if (progress.done < progress.total || finished.has(progress.stage)) return;
      finished.add(progress.stage);
      screen.write(`${printable(film)}  ${progress.stage.padEnd(10)}  ${formatAmount(progress)}\n`);
    },
    [Symbol.dispose]() {},
  };
}

/** E.g. `film  painting   ████████················  312 of 936 frames`. */
function formatProgress(film: string, progress: Progress): string {
  const { stage, done, total } = progress;
  const filled = total === 0 ? 0 : Math.floor((barWidth * Math.min(done, total)) / total);
  const bar = "█".repeat(filled) + "·".repeat(barWidth - filled);
  return `${printable(film)}  ${stage.padEnd(10)} ${bar}  ${formatAmount(progress)}`;
}

function formatAmount({ done, total, unit }: Progress): string {
  if (unit !== "bytes") return `${done} of ${total} ${unit}`;
  return `${(done / 2 ** 20).toFixed(1)} of ${(total / 2 ** 20).toFixed(1)} MiB`;
}
