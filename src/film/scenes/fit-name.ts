import { breakLines, joinLines } from "../typography/break-lines.js";
import { baseDirection } from "../typography/direction.js";
import { splitGraphemes } from "../typography/graphemes.js";
import { tidyName } from "../typography/tidy-text.js";
import type { Easel } from "./easel.js";

/** A name as it is drawn: lines of one size that fit their measure. */
export interface FittedName {
  readonly lines: readonly string[];
  readonly sizePx: number;
  readonly lineHeightPx: number;
  /** Of the widest line. */
  readonly widthPx: number;
  /** How far the ink of the first line reaches above its baseline, and that of the last below its own. */
  readonly inkAbovePx: number;
  readonly inkBelowPx: number;
  readonly font: string;
  readonly direction: "ltr" | "rtl";
}

/** A name is set smaller down to this before it is set on two lines. */
const leastOneLineShare = 0.74;
/** What is longer is no name; it ends in an ellipsis. */
const mostLines = 4;
const sizeStepPx = 2;

/**
 * Sets a name on one line, a little smaller if need be, else on two, broken at spaces, as large as they fit.
 * @returns null when nothing of it would show
 */
export function fitName(
  { fonts, context }: Easel,
  name: string | null,
  {
    sizePx,
    leastPx,
    measurePx,
  }: { readonly sizePx: number; readonly leastPx: number; readonly measurePx: number },
): FittedName | null {
  const text = fonts.drawable(tidyName(name ?? ""));
  if (text === "") return null;
  const width = (run: string): number => context.measureText(run).width;
  const setSize = (size: number): void => {
    context.font = fonts.fontFor(text, size);
  };
  const fitted = (lines: readonly string[], size: number): FittedName => {
    setSize(size);
    const inks = lines.map((line) => context.measureText(line));
    return {
      lines,
      sizePx: size,
      lineHeightPx: size * (fonts.lineHeightEm(text) - 0.16),
      widthPx: Math.max(...lines.map(width)),
      inkAbovePx: inks[0]?.actualBoundingBoxAscent ?? 0,
      inkBelowPx: inks.at(-1)?.actualBoundingBoxDescent ?? 0,
      font: fonts.fontFor(text, size),
      direction: baseDirection(text),
    };
  };

  const leastOneLinePx = Math.max(leastPx, Math.floor(sizePx * leastOneLineShare));
  for (let size = sizePx; size >= leastOneLinePx; size -= sizeStepPx) {
    setSize(size);
    if (width(text) <= measurePx) return fitted([text], size);
  }
  for (let size = sizePx; size >= leastPx; size -= sizeStepPx) {
    setSize(size);
    const lines = breakBetweenWords(text, measurePx, width);
    if (lines !== null && lines.length <= 2) return fitted(lines, size);
  }
  const lines = breakLines(text, measurePx, width);
  if (lines.length <= mostLines) return fitted(lines, leastPx);
  const last = splitGraphemes(lines[mostLines - 1] ?? "");
  while (width(`${last.join("")}…`) > measurePx) last.pop();
  return fitted([...lines.slice(0, mostLines - 1), `${last.join("").trimEnd()}…`], leastPx);
}

/** @returns null where a word does not fit by itself */
function breakBetweenWords(text: string, measurePx: number, width: (run: string) => number): string[] | null {
  const words = text.split(" ").map((word) => ({ text: word, spaces: " " }));
  const lines = joinLines(words, measurePx, width);
  return lines.join(" ") === text ? lines : null;
}
