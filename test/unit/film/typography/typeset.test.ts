import { createCanvas } from "@napi-rs/canvas";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import { classic } from "../../../../dist/film/model/theme.js";
import { createFontBook } from "../../../../dist/film/typography/font-book.js";
import { frameUnits } from "../../../../dist/film/model/frame-units.js";
import { textBoxes } from "../../../../dist/film/typography/text-boxes.js";
import type { TextBox, TextPage } from "../../../../dist/film/model/text-page.js";
import { tidyText } from "../../../../dist/film/typography/tidy-text.js";
import { createTypeset } from "../../../../dist/film/typography/typeset.js";

const fonts = createFontBook(classic.type.weight);
const typeset = createTypeset(classic, fonts, frameUnits({ width: 1920, height: 1080 }));
const context = createCanvas(16, 16).getContext("2d");
context.lang = "en";

/** Removes spaces, and the hyphens of words that were broken. */
const words = (text: string): string => text.replaceAll(/[\s\u2010]+/g, "");

function expectWellSet(text: string, pages: readonly TextPage[], box: TextBox): void {
  const { maxMeasurePx, heightPx } = textBoxes(classic, frameUnits({ width: 1920, height: 1080 }))[box];
  expect(words(pages.map((page) => page.text).join(""))).toBe(words(tidyText(text)));
  for (const page of pages) {
    expect(words(page.lines.map((line) => line.text).join(""))).toBe(words(fonts.drawable(page.text)));
    expect(page.fontSizePx).toBeGreaterThanOrEqual(classic.type.minPx);
    expect(page.heightPx).toBeLessThanOrEqual(heightPx);
    context.font = fonts.fontFor(fonts.drawable(page.text), page.fontSizePx);
    for (const line of page.lines) {
      expect(context.measureText(line.text).width).toBeLessThanOrEqual(maxMeasurePx + 0.5);
    }
  }
}

const anyText = fc
  .array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.constantFrom(
          "grandmother",
          "the",
          "a",
          "garden,",
          "bread.",
          "Always!",
          "Novák",
          "Ελένη",
          "бабушка",
        ),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          "البيت",
          "שלום",
          "नमस्ते",
          "ขนมไทย",
          "水仙を植え",
          "。",
          "할머니",
          "❤️",
          "👨‍👩‍👧",
        ),
      },
      { weight: 1, arbitrary: fc.constantFrom("\n", "\n\n", "https://example.com/a/b?c=d", "x".repeat(90)) },
      { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
    ),
    { maxLength: 160 },
  )
  .map((parts) => parts.join(" "));

// Real fonts are read and measured, which takes time on a busy machine.
describe("typeset", () => {
  it("sets nothing below the theme's minimum size, and words beside a photo even at that size", () => {
    const type = { ...classic.type, wordsPx: 60, wordsBesidePhotoPx: 60, minPx: 60 };
    const large = createTypeset({ ...classic, type }, fonts, frameUnits({ width: 1920, height: 1080 }));
    expect(large("We miss you.", "beside-photo")?.map((page) => page.fontSizePx)).toEqual([60]);
    const cards = large("Every summer we sat under the walnut tree. ".repeat(30), "card") ?? [];
    expect(cards.length).toBeGreaterThan(1);
    for (const card of cards) expect(card.fontSizePx).toBe(60);
  });

  it("sets every word on cards within measure, height and minimum size", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const pages = typeset(text, "card");
        expect(pages).not.toBeNull();
        expectWellSet(text, pages ?? [], "card");
      }),
      { numRuns: 25 },
    );
  });

  it("sets one page beside a photo, or reports that it does not fit", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const pages = typeset(text, "beside-photo");
        if (pages === null) return;
        expect(pages.length).toBeLessThanOrEqual(1);
        expectWellSet(text, pages, "beside-photo");
      }),
      { numRuns: 25 },
    );
  });

  it("sets few words large, and many on cards that end with sentences", () => {
    const sentence =
      "We went in a straight line for ten seconds, and then through the hedge of the lower field. ";
    const [few] = typeset(sentence, "card") ?? [];
    expect(few?.fontSizePx).toBe(classic.type.wordsPx);
    const pages = typeset(sentence.repeat(24), "card") ?? [];
    expect(pages.length).toBeGreaterThan(3);
    for (const page of pages) expect(page.text.endsWith(".")).toBe(true);
    const heights = pages.map((page) => page.lines.length);
    expect(Math.max(...heights) - Math.min(...heights)).toBeLessThanOrEqual(2);
    expect(typeset(sentence.repeat(24), "beside-photo")).toBeNull();
  });

  it("keeps the lines of a verse and the gaps between its stanzas", () => {
    const [page] =
      typeset("Rosemary for remembrance\nand rue for regret\n\nThyme for the rest", "card") ?? [];
    expect(page?.lines.map(({ text, paragraphStart }) => [text, paragraphStart])).toEqual([
      ["Rosemary for remembrance", false],
      ["and rue for regret", false],
      ["Thyme for the rest", true],
    ]);
    const [first = 0, second = 0, third = 0] = page?.lines.map((line) => line.baselinePx) ?? [];
    expect(third - second).toBeGreaterThan((second - first) * 1.5);
  });

  it("sets a few emoji large, and words with emoji as words", () => {
    const size = (text: string): number | undefined => typeset(text, "card")?.[0]?.fontSizePx;
    expect(size("❤️ 🌹")).toBe(classic.type.wordsPx * 2);
    expect(size("❤️ Gran")).toBe(classic.type.wordsPx);
  });

  it("leaves no card with only a few words", () => {
    const sentence =
      "We went in a straight line for ten seconds, and then through the hedge of the lower field. ";
    fc.assert(
      fc.property(
        fc.integer({ min: 6, max: 20 }),
        fc.constantFrom("Love you.", "Always, always yours."),
        (count, end) => {
          const pages = typeset(sentence.repeat(count) + end, "card") ?? [];
          for (const { lines } of pages) expect(lines.length).toBeGreaterThan(2);
        },
      ),
      { numRuns: 15 },
    );
    // A last sentence that would be alone on its card gets a part of the long one before it.
    const long = `${"and then we went on through the hedge, and over the lower field ".repeat(11).trim()}. Love you.`;
    const pages = typeset(long, "card") ?? [];
    expect(pages.length).toBeGreaterThan(1);
    for (const { lines } of pages) expect(lines.length).toBeGreaterThan(2);
  });

  it("makes no page for an invisible text", () => {
    expect(typeset(" \u200B\n ", "card")).toEqual([]);
  });

  it("sets one word of any length", () => {
    const text = "a".repeat(20_000);
    const pages = typeset(text, "card") ?? [];
    expect(pages.length).toBeGreaterThan(10);
    expectWellSet(text, pages, "card");
  });

  test.each([
    ["Arabic", "كانت تقول لنا إن البيت لا يضيق بأحد", "rtl"],
    ["Hebrew", "הבית אף פעם לא היה צר", "rtl"],
    ["Latin", "The house was never too small", "ltr"],
  ])("sets %s from its own side", (_script, text, direction) => {
    const [page] = typeset(text, "card") ?? [];
    expect(page?.direction).toBe(direction);
  });
});
