import { breakLines } from "../typography/break-lines.js";
import { baseDirection } from "../typography/direction.js";
import { tidyName } from "../typography/tidy-text.js";
import type { Easel } from "./easel.js";

/** A name as it is drawn: lines of one size that fit their measure. */
export interface FittedName {
  readonly lines: readonly string[];
  readonly sizePx: number;
  readonly lineHeightPx: number;
  /** Of the widest line. */
  readonly widthPx: number;
  readonly font: string;
  readonly direction: "ltr" | "rtl";
}

/** What is longer is no name; it ends in an ellipsis. */
const mostLines = 3;

/**
 * Sets a name on one line, smaller if need be, else on as few as hold it.
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
  const fitted = (lines: readonly string[], size: number): FittedName => ({
    lines,
    sizePx: size,
    lineHeightPx: size * (fonts.lineHeightEm(text) - 0.16),
    widthPx: Math.max(...lines.map(width)),
    font: fonts.fontFor(text, size),
    direction: baseDirection(text),
  });
  context.resetTransform();
  context.letterSpacing = "0px";
  context.font = fonts.fontFor(text, sizePx);
  const shrunkPx = Math.floor(sizePx * Math.min(1, measurePx / width(text)));
  const onePx = Math.max(leastPx, shrunkPx);
  context.font = fonts.fontFor(text, onePx);
  if (width(text) <= measurePx) return fitted([text], onePx);
  const lines = breakLines(text, measurePx, width);
  if (lines.length <= mostLines) return fitted(lines, onePx);
  return fitted([...lines.slice(0, mostLines - 1), `${lines[mostLines - 1] ?? ""}…`], onePx);
}
