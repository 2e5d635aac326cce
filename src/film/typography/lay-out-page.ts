import { breakLines, type MeasureWidth } from "./break-lines.js";
import { baseDirection } from "./direction.js";
import type { TextLine, TextPage } from "./text-page.js";

/** A blank line is lower than a line of words: it parts paragraphs without tearing the page. */
const blankLineShare = 0.62;

export interface LayOutOptions {
  readonly fontSizePx: number;
  readonly lineHeightPx: number;
  readonly measurePx: number;
  readonly width: MeasureWidth;
}

/**
 * Sets a tidy text on one page of any height.
 * @param drawable the text with no character that has no font, of the same lines as `text`
 */
export function layOutPage(text: string, drawable: string, options: LayOutOptions): TextPage {
  const lines: TextLine[] = [];
  let isAfterBlank = false;
  for (const paragraph of drawable.split("\n")) {
    if (paragraph === "") {
      isAfterBlank = lines.length > 0;
      continue;
    }
    const direction = baseDirection(paragraph);
    for (const [index, line] of breakLines(paragraph, options.measurePx, options.width).entries()) {
      lines.push({ text: line, direction, paragraphStart: index === 0 && isAfterBlank });
    }
    isAfterBlank = false;
  }
  return {
    lines,
    direction: baseDirection(text),
    fontSizePx: options.fontSizePx,
    lineHeightPx: options.lineHeightPx,
    text,
  };
}

/** Tops of a page's lines below its own top, and its whole height, in px. */
export function stackLines(page: TextPage): { readonly tops: readonly number[]; readonly heightPx: number } {
  const tops: number[] = [];
  let top = 0;
  for (const line of page.lines) {
    if (line.paragraphStart && tops.length > 0) top += page.lineHeightPx * blankLineShare;
    tops.push(top);
    top += page.lineHeightPx;
  }
  return { tops, heightPx: top };
}
