import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { createCanvas } from "@napi-rs/canvas";
import { describe, expect, it, test } from "vitest";

import { createFontBook } from "../../../../dist/film/typography/font-book.js";
import { protectJoinedEmoji } from "../../../../dist/film/typography/joined-emoji.js";
import { tidyText } from "../../../../dist/film/typography/tidy-text.js";

const list = createRequire(import.meta.url).resolve(
  "emoji-test-regex-pattern/dist/emoji-18.0/index-strings.txt",
);
/** Unicode's list of emoji, of all degrees of qualification. */
const emojis = readFileSync(list, "utf8").split("\n").filter(Boolean);
/** Emoji that are shown like letters: without a selector they are text. */
const isText = (emoji: string): boolean =>
  /^\p{Emoji}$/u.test(emoji) && !/\p{Emoji_Presentation}/u.test(emoji);

const fonts = createFontBook(500);
const context = createCanvas(16, 16).getContext("2d");
context.lang = "en";
const width = (text: string): number => {
  const drawable = fonts.drawable(text);
  context.font = fonts.fontFor(drawable, 100);
  return context.measureText(drawable).width;
};

describe("every emoji of Unicode", () => {
  test.each([
    ["alone", ""],
    ["after a word", "Love "],
    ["after Hebrew", "אבא "],
    ["after an ideograph", "水 "],
    ["after another", "🌹"],
  ])("is drawn as one glyph %s", (_where, before) => {
    expect(emojis.length).toBeGreaterThan(5000);
    const one = width("🌹");
    const start = width(before);
    const broken = emojis.filter((emoji) => {
      if (isText(emoji)) return false;
      // A single skin colour would change the emoji before it.
      if (before !== "" && /^\p{Emoji_Modifier}$/u.test(emoji)) return false;
      return Math.abs(width(before + emoji) - start - one) > 0.5;
    });
    expect(broken).toEqual([]);
  });

  it("is not changed by tidying", () => {
    expect(emojis.filter((emoji) => tidyText(emoji) !== emoji.normalize("NFC"))).toEqual([]);
  });
});

describe("protectJoinedEmoji", () => {
  it("changes only emoji that would be split", () => {
    const text = "Love ❤️ 👩‍❤️‍👨 👨‍👩‍👧 🕵🏽‍♂️ 🏴‍☠️ 水 שלום 1";
    expect(protectJoinedEmoji(text)).toBe(text);
    expect(protectJoinedEmoji("a🏳️‍🌈")).toBe("a\u{200B}\u{16FE4}🏳️‍🌈");
  });
});
