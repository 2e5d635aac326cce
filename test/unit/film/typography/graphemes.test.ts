import fc from "fast-check";
import { expect, it } from "vitest";

import { splitGraphemes } from "../../../../dist/film/typography/graphemes.js";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const piece = fc.oneof(
  fc.constantFrom(
    " ",
    "  ",
    "a",
    "é",
    "e\u0301",
    "\u0301",
    "\u200D",
    "\u200C",
    "🏽",
    "👩‍👩‍👧",
    "🏴\u{E0067}",
    "\u{E0067}",
  ),
  fc.constantFrom("ำ", "ຳ", "น้ำ", "क्षि", "ि", "மு", "ﾞ", "가", "\u1160", "🇫", "🇷", "عَ", "\u0600", "\uFE0F"),
  fc.string({ unit: "binary" }),
);

it("splits any text as the segmenter does", () => {
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join("").replaceAll(/[\r\n]|\p{Surrogate}/gu, "");
      expect(splitGraphemes(text)).toEqual(Array.from(segmenter.segment(text), ({ segment }) => segment));
    }),
    { numRuns: 3000 },
  );
});
