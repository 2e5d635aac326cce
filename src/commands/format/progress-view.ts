import {
  followProgress,
  shareOf,
  type ProgressFollower,
  type ProgressReport,
} from "../../worker/follow-progress.js";
import { printable } from "../../printable.js";
import type { Progress, Stage } from "../../progress.js";
import { terminalColumns } from "../line/terminal-columns.js";

/**
 * Shows stage and progress of a film: one line in a terminal, which is overwritten; elsewhere a line for each finished
 * stage, and one at intervals for the current stage.
 */
export interface ProgressView extends Disposable {
  show(film: string, progress: Progress): void;
}

const minMillisecondsBetween = 100;
/** The longest line fits into a wide terminal. In a narrower one the bar and the film's name are shorter. */
const wide = { columns: 120, bar: 24, film: 40 };
const narrow = { bar: 12, film: 12 };

/** @param everySeconds interval between lines about the current stage where there is no terminal */
export function openProgressView(
  screen: Pick<NodeJS.WriteStream, "isTTY" | "write" | "columns">,
  everySeconds = 30,
): ProgressView {
  return screen.isTTY ? openTerminalLine(screen) : openPlainLines(screen, everySeconds);
}

type Screen = Pick<NodeJS.WriteStream, "write">;

function openTerminalLine(screen: Screen & Pick<NodeJS.WriteStream, "columns">): ProgressView {
  const films = new Map<string, ProgressFollower>();
  let lastShown = 0;
  return {
    show(film, progress) {
      const follower = followerOf(films, film);
      follower.report(progress);
      if (isFilmDone(progress)) films.delete(film);
      const now = performance.now();
      if (progress.done < progress.total && now - lastShown < minMillisecondsBetween) return;
      lastShown = now;
      const current = follower.current();
      screen.write(`\r\u001B[K${formatTerminalLine(film, progress, current, terminalColumns(screen) ?? 80)}`);
    },
    [Symbol.dispose]() {
      screen.write("\r\u001B[K");
    },
  };
}

function openPlainLines(screen: Screen, everySeconds: number): ProgressView {
  const films = new Map<string, ProgressFollower>();
  const finished = new Map<string, Set<Stage>>();
  const printAll = (): void => {
    for (const [film, follower] of films) {
      const current = follower.current();
      if (current !== null) screen.write(`${formatCurrent(film, current)}\n`);
    }
  };
  const timer = setInterval(printAll, everySeconds * 1000);
  return {
    show(film, progress) {
      followerOf(films, film).report(progress);
      const stages = finished.get(film) ?? new Set();
      finished.set(film, stages);
      if (isFilmDone(progress)) films.delete(film);
      if (progress.done < progress.total || stages.has(progress.stage)) return;
      stages.add(progress.stage);
      screen.write(`${printable(film)}  ${progress.stage.padEnd(10)}  ${formatAmount(progress)}\n`);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Uploading is the last stage. */
function isFilmDone({ stage, done, total }: Progress): boolean {
  return stage === "uploading" && done >= total;
}

function followerOf(films: Map<string, ProgressFollower>, film: string): ProgressFollower {
  const follower = films.get(film) ?? followProgress();
  films.set(film, follower);
  return follower;
}

/**
 * Formats e.g. `film  painting   ████████················  312 of 936 frames, about 2 min left`. It must fit into one line,
 * because only one line can be overwritten.
 */
function formatTerminalLine(
  film: string,
  progress: Progress,
  current: ProgressReport | null,
  columns: number,
): string {
  const { stage } = progress;
  const widths = columns < wide.columns ? narrow : wide;
  const filled = Math.floor(widths.bar * shareOf(progress));
  const bar = "█".repeat(filled) + "·".repeat(widths.bar - filled);
  const left = current?.progress.stage === stage ? formatLeft(current.secondsLeft) : "";
  const name = startOf(printable(film), widths.film);
  return startOf(`${name}  ${stage.padEnd(10)} ${bar}  ${formatAmount(progress)}${left}`, columns - 1);
}

function startOf(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, Math.max(0, maxLength - 1))}…`;
}

/** Formats e.g. `film  painting    33 %  312 of 936 frames, about 2 min left`. */
function formatCurrent(film: string, { progress, percent, secondsLeft }: ProgressReport): string {
  const amount = `${String(percent).padStart(3)} %  ${formatAmount(progress)}${formatLeft(secondsLeft)}`;
  return `${printable(film)}  ${progress.stage.padEnd(10)}  ${amount}`;
}

/** The progress of a single file is shown in bytes. */
function formatAmount({ done, total, unit, bytes }: Progress): string {
  if (unit === "bytes") return mebibytes(done, total);
  const isUnderway = bytes !== undefined && done < total;
  if (isUnderway && total === 1) return mebibytes(bytes.done, bytes.total);
  return `${done} of ${total} ${unit}${isUnderway ? `, ${mebibytes(bytes.done, bytes.total)}` : ""}`;
}

function mebibytes(done: number, total: number | null): string {
  const of = total === null ? "" : ` of ${(total / 2 ** 20).toFixed(1)}`;
  return `${(done / 2 ** 20).toFixed(1)}${of} MiB`;
}

function formatLeft(seconds: number | null): string {
  if (seconds === null) return "";
  if (seconds < 60) return `, about ${Math.max(5, Math.ceil(seconds / 5) * 5)} s left`;
  if (seconds < 5400) return `, about ${Math.round(seconds / 60)} min left`;
  return `, about ${(seconds / 3600).toFixed(1)} h left`;
}
