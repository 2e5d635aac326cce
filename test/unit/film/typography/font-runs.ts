import { createCanvas } from "@napi-rs/canvas";

import type { FontBook } from "../../../../dist/film/typography/font-book.js";

/** A run of a line that Skia sets in one font, as Skia reports it. */
export interface ShapedRun {
  readonly family: string;
  readonly glyphs: readonly number[];
}

const context = createCanvas(16, 16).getContext("2d");
context.lang = "en";

/** Returns the runs with which Skia sets a text in the fonts of a book. */
function shapedRuns(fonts: FontBook, text: string): readonly ShapedRun[] {
  const drawable = fonts.drawable(text);
  context.font = fonts.fontFor(drawable, 40);
  const shaper = context as unknown as Record<"__debugTextLine", (line: string) => string>;
  // oxlint-disable-next-line no-underscore-dangle -- the only way to see which fonts a line is set in
  const line = JSON.parse(shaper.__debugTextLine(drawable)) as { readonly runs: readonly ShapedRun[] };
  return line.runs;
}

/** Returns the runs that are not set in a bundled font, or have a glyph for a missing character. */
export function unbundledRuns(fonts: FontBook, text: string): readonly ShapedRun[] {
  return shapedRuns(fonts, text).filter(
    ({ family, glyphs }) => !/^(EB Garamond|Noto |$)/.test(family) || glyphs.includes(0),
  );
}
