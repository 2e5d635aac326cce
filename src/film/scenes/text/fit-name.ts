import { breakLines, joinLines } from "../../typography/break-lines.js";
import { findPieces } from "../../typography/break-opportunities.js";
import { baseDirection } from "../../typography/direction.js";
import { tidyName } from "../../typography/tidy-text.js";
import type { DrawingContext } from "../drawing/drawing-context.js";

/** A name as it is drawn: lines of one size that fit the available width. */
export interface FittedName {
  readonly lines: readonly string[];
  readonly sizePx: number;
  readonly lineHeightPx: number;
  /** Width of the widest line. */
  readonly widthPx: number;
  /** Height of the first line's letters above its baseline, and depth of the last line's below its own. */
  readonly visibleAbovePx: number;
  readonly visibleBelowPx: number;
  readonly font: string;
  readonly direction: "ltr" | "rtl";
}

export interface NameRoom {
  readonly sizePx: number;
  readonly minPx: number;
  readonly measurePx: number;
  /** Maximum number of lines; a name that needs more is set in the minimum size. */
  readonly maxLines?: number;
}

/** The part of a drawing context that names are measured with. */
export type NameTools = Pick<DrawingContext, "fonts" | "context">;

/** An additional line is worth it if it makes a name at least this many times as large. */
const worthOneLine = 1.36;
const sizeStepPx = 2;

/**
 * Sets a name on one line, a little smaller where necessary, or on a few lines broken at spaces where that makes it
 * much larger. A name that does not fit on a few lines is set at the minimum size on as many as it needs: names are
 * never cut off.
 *
 * @returns null when nothing of the name would be visible
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
    const extents = lines.map((line) => context.measureText(line));
    return {
      lines,
      sizePx: size,
      lineHeightPx: size * (fonts.lineHeightEm(text) - 0.16),
      widthPx: Math.max(...lines.map(width)),
      visibleAbovePx: extents[0]?.actualBoundingBoxAscent ?? 0,
      visibleBelowPx: extents.at(-1)?.actualBoundingBoxDescent ?? 0,
      font: fonts.fontFor(text, size),
      direction: baseDirection(text),
    };
  };

  let best: { readonly lines: readonly string[]; readonly size: number } | null = null;
  for (const size of sizesUp(minPx, sizePx)) {
    setSize(size);
    const lines = breakBetweenWords(text, measurePx, width);
    if (lines === null || lines.length > maxLines) break;
    const moreLines = lines.length - (best?.lines.length ?? lines.length);
    if (best === null || moreLines === 0 || size > best.size * worthOneLine ** moreLines)
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

/** @returns null where a single word does not fit */
function breakBetweenWords(text: string, measurePx: number, width: (run: string) => number): string[] | null {
  const words = text.includes(" ")
    ? text.split(" ").map((word) => ({ text: word, spaces: " " }))
    : findPieces(text);
  return words.some((word) => width(word.text) > measurePx) ? null : joinLines(words, measurePx, width);
}
