import { breakLines, joinLines } from "../../typography/break-lines.js";
import { findPieces } from "../../typography/break-opportunities.js";
import { baseDirection } from "../../typography/direction.js";
import { tidyName } from "../../typography/tidy-text.js";
import type { DrawingContext } from "../drawing/drawing-context.js";

/** A name as it is drawn: lines of one size that fit their measure. */
export interface FittedName {
  readonly lines: readonly string[];
  readonly sizePx: number;
  readonly lineHeightPx: number;
  /** Of the widest line. */
  readonly widthPx: number;
  /** How far the ink of the first line reaches above its baseline, and that of the last below its own. */
  readonly visibleAbovePx: number;
  readonly visibleBelowPx: number;
  readonly font: string;
  readonly direction: "ltr" | "rtl";
}

export interface NameRoom {
  readonly sizePx: number;
  readonly minPx: number;
  readonly measurePx: number;
  /** So many lines are as good as one or two where they make a name larger. */
  readonly maxLines?: number;
}

/** What names are measured with. */
export type NameTools = Pick<DrawingContext, "fonts" | "context">;

/** One line more must make a name so many times as large. */
const worthOneLine = 1.36;
const sizeStepPx = 2;

/**
 * Sets a name on one line, a little smaller if need be, or on a few, broken at spaces, where they make it much larger.
 * What fits on no few lines is set at the least size on as many as it needs: names are never cut short.
 *
 * @returns null when nothing of it would show
 */
export function fitName(
  { fonts, context }: NameTools,
  name: string | null,
  { sizePx, minPx, measurePx, maxLines = 2 }: NameRoom,
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
      visibleAbovePx: inks[0]?.actualBoundingBoxAscent ?? 0,
      visibleBelowPx: inks.at(-1)?.actualBoundingBoxDescent ?? 0,
      font: fonts.fontFor(text, size),
      direction: baseDirection(text),
    };
  };

  let best: { readonly lines: readonly string[]; readonly size: number } | null = null;
  for (const size of sizesUp(minPx, sizePx)) {
    setSize(size);
    const lines = breakBetweenWords(text, measurePx, width);
    if (lines === null || lines.length > maxLines) break;
    const linesMore = lines.length - (best?.lines.length ?? lines.length);
    if (best === null || linesMore === 0 || size > best.size * worthOneLine ** linesMore)
      best = { lines, size };
  }
  if (best !== null) return fitted(best.lines, best.size);
  setSize(minPx);
  return fitted(breakLines(text, measurePx, width), minPx);
}

function sizesUp(minPx: number, sizePx: number): number[] {
  const count = Math.floor((sizePx - minPx) / sizeStepPx) + 1;
  return Array.from({ length: count }, (_, index) => sizePx - (count - 1 - index) * sizeStepPx);
}

/** @returns null where a word does not fit by itself */
function breakBetweenWords(text: string, measurePx: number, width: (run: string) => number): string[] | null {
  const words = text.includes(" ")
    ? text.split(" ").map((word) => ({ text: word, spaces: " " }))
    : findPieces(text);
  return words.some((word) => width(word.text) > measurePx) ? null : joinLines(words, measurePx, width);
}
