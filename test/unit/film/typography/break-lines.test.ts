import { describe, expect, it, test } from "vitest";
import fc from "fast-check";

import { breakLines } from "../../../../dist/film/typography/break-lines.js";
import { findPieces } from "../../../../dist/film/typography/break-opportunities.js";
import { splitGraphemes } from "../../../../dist/film/typography/graphemes.js";
import { baseDirection } from "../../../../dist/film/typography/direction.js";

/** Measures every character as ten wide. */
const width = (text: string): number => Array.from(text).length * 10;
const withoutSpaces = (text: string): string => text.replaceAll(/[\s\u2010]/g, "");

describe("splitGraphemes", () => {
  it("splits like the segmenter, with and without it", () => {
    const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({
        unit: fc.constantFrom("a", "é", "Ω", "ж", "…", "か", "が", "ー", "水", "한", "。", "（", " "),
      }),
    );
    fc.assert(
      fc.property(text, (value) => {
        const expected = Array.from(segmenter.segment(value), ({ segment }) => segment);
        expect(splitGraphemes(value)).toEqual(expected);
      }),
    );
  });
});

describe("findPieces", () => {
  test.each([
    ["between words, after hyphens", "well-known words", ["well-", "known", "words"]],
    ["not at a number's sign or a no-break space", "-5 a\u00A0b", ["-5", "a\u00A0b"]],
    [
      "between ideographs, marks kept with what they close or open",
      "春「花」、水。",
      ["春", "「花」、", "水。"],
    ],
    ["no small kana or long mark at a line's start", "チョコレート", ["チョ", "コ", "レー", "ト"]],
    ["between Thai words", "ยายสอนให้ฉัน", ["ยาย", "สอน", "ให้", "ฉัน"]],
    ["Korean at its spaces", "할머니 사랑해요", ["할머니", "사랑해요"]],
    ["never within an emoji", "👨‍👩‍👧‍👦👍🏽", ["👨‍👩‍👧‍👦👍🏽"]],
  ])("breaks %s", (_where, text, pieces) => {
    expect(findPieces(text).map((piece) => piece.text)).toEqual(pieces);
  });
});

describe("breakLines", () => {
  it("loses no character and respects the measure", () => {
    const words = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(words, fc.integer({ min: 120, max: 600 }), (list, measure) => {
        const text = list.map(withoutSpaces).filter(Boolean).join(" ");
        const lines = breakLines(text, measure, width);
        expect(withoutSpaces(lines.join(""))).toBe(withoutSpaces(text));
        const isOneCharacter = (line: string): boolean =>
          [...new Intl.Segmenter().segment(line)].length === 1;
        for (const line of lines) expect(width(line) <= measure || isOneCharacter(line)).toBe(true);
      }),
    );
  });

  it("balances lines and leaves no short word alone at the end", () => {
    const text = "every spring I have rung her to say that it is so";
    const lines = breakLines(text, 350, width);
    expect(lines).toHaveLength(2);
    const [first = "", second = ""] = lines;
    expect(Math.abs(first.length - second.length)).toBeLessThanOrEqual(8);
  });

  it("needs no more lines than greedy filling", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 60 }), (lengths) => {
        const list = lengths.map((length) => "x".repeat(length));
        let greedy = 1;
        let filled = 0;
        for (const { length } of list) {
          if (filled > 0 && filled + 1 + length > 30) [greedy, filled] = [greedy + 1, 0];
          filled += (filled > 0 ? 1 : 0) + length;
        }
        // One additional line is allowed where it prevents a single word at the end.
        expect(breakLines(list.join(" "), 300, width).length).toBeLessThanOrEqual(greedy + 1);
      }),
    );
  });

  it("hyphenates a word that is wider than the measure, between syllables", () => {
    const lines = breakLines("Donaudampfschifffahrtsgesellschaftskapitän", 200, width);
    expect(lines.join("")).toBe("Donaudampfschiff\u2010fahrtsgesellschafts\u2010kapitän");
  });

  it("breaks an address after its marks", () => {
    const lines = breakLines("https://www.example.com/a-long-way/to/a-page-with-many-parts", 300, width);
    expect(lines.join("")).toBe("https://www.example.com/a-long-way/to/a-page-with-many-parts");
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/[/.-]$/);
  });
});

describe("baseDirection", () => {
  test.each([
    ["Every Sunday", "ltr"],
    ["كانت تقول", "rtl"],
    ["12 שלום Love", "rtl"],
    ["“Love” שלום", "ltr"],
    ["1938 – 2026 ❤️", "ltr"],
    ["\u{1E900}\u{1E901}", "rtl"],
  ])("of %s is %s", (text, direction) => {
    expect(baseDirection(text)).toBe(direction);
  });
});
