import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { segmentText } from "../../../../dist/film/typography/segment-text.js";

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const words = new Intl.Segmenter("en", { granularity: "word" });

/** Each text stands where another cut of the pieces would give another result. */
const units = ["🇩🇪", "👩‍👩‍👧", "e\u0301", "क्षि", "각", "한", "\u1100\u1161", "x", "ก็", "漢", "\r\n", "💐"];

describe("segmentText", () => {
  it("finds the same segments as the runtime in one piece", () => {
    const texts = fc
      .array(fc.constantFrom(...units), { minLength: 900, maxLength: 1200 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, (text) => {
        const whole = Array.from(graphemes.segment(text), ({ segment, index }) => ({ segment, index }));
        expect(segmentText(graphemes, text)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it("finds the words of a long text without spaces", () => {
    const text = "คุณยายชอบทะเลและร้องเพลงให้เราฟังทุกเย็น".repeat(200);
    const whole = Array.from(words.segment(text), ({ segment, index }) => ({ segment, index }));
    expect(segmentText(words, text)).toEqual(whole);
  });

  it.each(["क्", "ᄀ", "ก", "\u200d", "\u0301", "🇩🇪", "💐", "a"])(
    "asks the runtime for pieces alone, whatever %j is repeated, and leaves nothing out",
    (unit) => {
      let asked = 0;
      const counting = {
        segment: (piece: string) => {
          asked += piece.length;
          expect(piece.length).toBeLessThan(2002);
          expect(piece).not.toMatch(/\p{Surrogate}/u);
          return graphemes.segment(piece);
        },
      } as Intl.Segmenter;
      const text = unit.repeat(20_000 / unit.length);
      const found = segmentText(counting, text);
      expect(found.map(({ segment }) => segment).join("")).toBe(text);
      expect(asked).toBeLessThan(1.5 * text.length);
    },
  );
});
