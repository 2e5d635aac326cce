import { breakLines, type MeasureWidth } from "./break-lines.js";
import { baseDirection } from "./direction.js";
import { hangingWidth } from "./hanging-marks.js";
import type { TextLine, TextPage } from "../model/text-page.js";

/** A blank line is lower than a line of words: it separates paragraphs without splitting the page. */
const blankLineShare = 0.62;
/** Distance of the letters' baseline below the middle of a line, in em. */
const baselineBelowMiddleEm = 0.3;
/** Minimum distance between the letters of one line and those of the next. */
const lineGapEm = 0.06;
/**
 * Multiple of the line height up to which all lines get the distance that the tallest pair needs. Beyond it, only the
 * pairs that need a larger distance get it.
 */
const maxEvenLeading = 1.3;

/** Height and depth of the letters of a line, from its baseline, in px. */
export interface VisibleExtent {
  readonly above: number;
  readonly below: number;
}

export interface LayOutOptions {
  readonly fontSizePx: number;
  readonly lineHeightPx: number;
  readonly measurePx: number;
  readonly width: MeasureWidth;
  readonly extentOf: (line: string) => VisibleExtent;
}

/**
 * Sets a tidy text on one page of any height. Lines have the distance that their script needs, and more where letters
 * of two lines would overlap.
 *
 * @param drawable the text without characters that have no font, with the same lines as `text`
 */
export function layOutPage(text: string, drawable: string, options: LayOutOptions): TextPage {
  const { fontSizePx, lineHeightPx, measurePx, width } = options;
  const pageDirection = baseDirection(text);
  const lines: Omit<TextLine, "baselinePx">[] = [];
  let isAfterBlank = false;
  for (const paragraph of drawable.split("\n")) {
    if (paragraph === "") {
      isAfterBlank = lines.length > 0;
      continue;
    }
    const direction = baseDirection(paragraph);
    for (const [index, line] of breakLines(paragraph, measurePx, width).entries()) {
      const hangPx = direction === pageDirection ? hangingWidth(line, direction, width, fontSizePx) : 0;
      lines.push({ text: line, direction, hangPx, paragraphStart: index === 0 && isAfterBlank });
    }
    isAfterBlank = false;
  }
  const { baselines, heightPx } = stackLines(lines, options);
  return {
    lines: lines.map((line, index) => ({ ...line, baselinePx: baselines[index] ?? 0 })),
    direction: pageDirection,
    fontSizePx,
    lineHeightPx,
    heightPx,
    text,
  };
}

function stackLines(
  lines: readonly Pick<TextLine, "text" | "paragraphStart">[],
  { fontSizePx, lineHeightPx, extentOf }: LayOutOptions,
): { readonly baselines: readonly number[]; readonly heightPx: number } {
  const extents = lines.map(({ text }) => extentOf(text));
  const apart = extents.map(
    ({ above }, index) => above + (extents[index - 1]?.below ?? 0) + lineGapEm * fontSizePx,
  );
  const widest = Math.max(0, ...apart.slice(1));
  const even = widest <= maxEvenLeading * lineHeightPx ? Math.max(lineHeightPx, widest) : lineHeightPx;
  const aboveBaseline = lineHeightPx / 2 + baselineBelowMiddleEm * fontSizePx;
  const baselines: number[] = [];
  let baseline = 0;
  for (const [index, { paragraphStart }] of lines.entries()) {
    if (index === 0) baseline = Math.max(aboveBaseline, extents[0]?.above ?? 0);
    else if (paragraphStart) baseline += even + lineHeightPx * blankLineShare;
    else baseline += Math.max(even, apart[index] ?? 0);
    baselines.push(baseline);
  }
  const below = Math.max(lineHeightPx - aboveBaseline, extents.at(-1)?.below ?? 0);
  return { baselines, heightPx: lines.length === 0 ? 0 : baseline + below };
}
