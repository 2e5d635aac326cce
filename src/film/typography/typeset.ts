import { createCanvas } from "@napi-rs/canvas";

import type { FrameUnits } from "../model/frame-units.js";
import type { Theme } from "../model/theme.js";
import type { FontBook } from "./font-book.js";
import { splitGraphemes } from "./graphemes.js";
import { layOutPage } from "./lay-out-page.js";
import { paginateText } from "./paginate-text.js";
import type { TextBox, TextPage } from "../model/text-page.js";
import { textBoxes } from "./text-boxes.js";
import { tidyText } from "./tidy-text.js";

/**
 * Sets a person's words: as large as the box allows, then smaller, then over several cards; never cut off. Sizes are
 * in reference units. The lines of a page contain every word of the text that a font can show.
 */
export type Typeset = (text: string, box: TextBox) => TextPage[] | null;

/** Type is not hinted, so widths are proportional to the size, and each is measured once at this size. */
const measuringPx = 100;
/** Width by which a letter's soft edge may exceed its outline. */
const edgePx = 1;

/**
 * @returns a function that gives one page or more; no page for a text that would not be visible; null for a text that
 *   does not fit beside a photo
 */
export function createTypeset(theme: Theme, fonts: FontBook, frame: FrameUnits): Typeset {
  const context = createCanvas(16, 16).getContext("2d");
  context.lang = "en";

  return (text, box) => {
    const tidy = tidyText(text);
    if (tidy === "") return [];
    const { sizesPx, measureEm, maxMeasurePx, heightPx } = textBoxes(theme, frame)[box];
    const widthsEm = new Map<string, Map<string, number>>();
    const layOut = (part: string, fontSizePx: number): TextPage => {
      const drawable = fonts.drawable(part);
      const font = fonts.fontFor(drawable, measuringPx);
      const known = widthsEm.get(font) ?? new Map<string, number>();
      widthsEm.set(font, known);
      context.font = font;
      return layOutPage(part, drawable, {
        fontSizePx,
        lineHeightPx: Math.round(fontSizePx * fonts.lineHeightEm(drawable)),
        measurePx: Math.min(maxMeasurePx, fontSizePx * measureEm),
        width: (run) => {
          let widthEm = known.get(run);
          if (widthEm === undefined) {
            widthEm = context.measureText(run).width / measuringPx;
            known.set(run, widthEm);
          }
          return widthEm * fontSizePx;
        },
        extentOf: (line) => {
          const { actualBoundingBoxAscent, actualBoundingBoxDescent } = context.measureText(line);
          const scale = fontSizePx / measuringPx;
          return {
            above: actualBoundingBoxAscent * scale + edgePx,
            below: actualBoundingBoxDescent * scale + edgePx,
          };
        },
      });
    };
    const largest = sizesPx.onePage[0] ?? 0;
    const sizes = isFewEmoji(tidy) ? [largest * emojiScale, ...sizesPx.onePage] : sizesPx.onePage;
    for (const sizePx of sizes) {
      const page = layOut(tidy, sizePx);
      if (page.heightPx <= heightPx) return [page];
      // No smaller size would make a text of twice the height fit.
      if (page.heightPx > heightPx * 2.5) break;
    }
    if (sizesPx.manyPages === null) return null;
    const pageSizePx = sizesPx.manyPages;
    return paginateText(tidy, heightPx, (part) => layOut(part, pageSizePx));
  };
}

/** Whether a message consists of a few emoji alone, such as a heart and a rose, which are set large. */
function isFewEmoji(text: string): boolean {
  return onlyEmoji.test(text) && splitGraphemes(text.replaceAll(/\s/g, "")).length <= maxLargeEmoji;
}

const emojiScale = 2;
const maxLargeEmoji = 5;
const onlyEmoji =
  /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\p{Default_Ignorable_Code_Point}|\s)+$/u;
