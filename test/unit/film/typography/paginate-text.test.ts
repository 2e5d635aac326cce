import { describe, expect, it } from "vitest";

import { paginateText } from "../../../../dist/film/typography/paginate-text.js";
import { tidyText } from "../../../../dist/film/typography/tidy-text.js";
import type { TextPage } from "../../../../dist/film/model/text-page.js";

/** A line of thirty characters is ten high, and ten lines fill a card. */
function pageOf(text: string): TextPage {
  const lineCount = text.split("\n").reduce((sum, line) => sum + Math.ceil(line.length / 30), 0);
  return { lines: [], direction: "ltr", fontSizePx: 10, lineHeightPx: 10, heightPx: lineCount * 10, text };
}

/** Counts the characters that are laid out over all attempts, and the cards. */
function work(text: string): { readonly characters: number; readonly cards: readonly TextPage[] } {
  let characters = 0;
  const cards = paginateText(text, 100, (part) => {
    characters += part.length;
    return pageOf(part);
  });
  return { characters, cards };
}

describe("paginateText", () => {
  it.each([
    "word ",
    "a. ",
    ". ",
    "a\n",
    "a\n\n",
    "x",
    "我",
    "我。",
    "ก",
    "-",
    "(",
    "!? ",
    "👩\u200d",
    "\u200da\n",
    "क् ",
  ])("takes linear time for a text of %j, and leaves nothing out", (unit) => {
    const [short, long] = [2_000, 16_000].map((length) => tidyText(unit.repeat(length / unit.length))) as [
      string,
      string,
    ];
    const once = work(short);
    const eight = work(long);
    expect(eight.characters).toBeLessThan(12 * once.characters);
    const shown = eight.cards.map(({ text }) => text).join("");
    expect(shown.replaceAll(/\s/g, "")).toBe(long.replaceAll(/\s/g, ""));
  });
});
