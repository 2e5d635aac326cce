import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cueWidth, lineWidth } from "../../../../dist/film/captions/cue-width.js";
import { splitCues } from "../../../../dist/film/captions/split-cues.js";
import { tidyText } from "../../../../dist/film/typography/tidy-text.js";

const textsOf = (words: string) => splitCues(words).map(({ text }) => text);
const lettersOf = (text: string) => text.replaceAll(/[\s\u{202A}-\u{202C}]/gu, "");

describe("splitCues", () => {
  it("keeps a short message in one caption", () => {
    expect(textsOf("We love you, Granny.")).toEqual(["We love you, Granny."]);
  });

  it("ends captions with sentences and phrases, not inside them", () => {
    const words =
      "I met Margaret in 1974, when we both worked the night shift at the old hospital in Leeds. She had a way of " +
      "making even the longest hours feel short, and she never once let anybody eat alone. Mr. Hollis used to say: " +
      "“That woman could talk a locked door open.” He was right!";
    expect(textsOf(words)).toEqual([
      "I met Margaret in 1974,",
      "when we both worked the night\nshift at the old hospital in Leeds.",
      "She had a way of making even\nthe longest hours feel short,",
      "and she never once let anybody eat alone.",
      "Mr. Hollis used to say: “That woman could\ntalk a locked door open.” He was right!",
    ]);
  });

  it("keeps the lines of a poem and the gap between its stanzas", () => {
    const poem =
      "Row, row, row your boat\nGently down the stream\nMerrily, merrily\nLife is but a dream\n\nMary";
    expect(textsOf(poem)).toEqual([
      "Row, row, row your boat\nGently down the stream",
      "Merrily, merrily\nLife is but a dream",
      "Mary",
    ]);
  });

  it("breaks Chinese after its marks, at most 18 characters a line", () => {
    const words = "外婆总是坐在窗边，给我们讲海的故事。她从来没有忘记过任何人的生日，每年都会寄来一张卡片。";
    const lines = textsOf(words).flatMap((text) => text.split("\n"));
    expect(lines.every((line) => line.length <= 18)).toBe(true);
    expect(lines.every((line) => /[，。]$/u.test(line))).toBe(true);
  });

  it("breaks a word that is longer than a line", () => {
    const cues = textsOf("x".repeat(200));
    expect(cues.join("").replaceAll("\n", "")).toBe("x".repeat(200));
  });

  it("embeds a line that a player could show in the other direction", () => {
    const words = "كتبت لنا جدتي كل صباح رسالة طويلة على\nWhatsApp وكانت تنهيها دائما بقبلة.";
    for (const line of textsOf(words).flatMap((text) => text.split("\n"))) {
      expect(line).toMatch(/^\u{202B}[^\u{202A}-\u{202C}]+\u{202C}$/u);
    }
    expect(textsOf("We called her\nجدتي and she laughed")).toEqual([
      "We called her\n\u{202A}جدتي and she laughed\u{202C}",
    ]);
  });

  it("makes no captions for invisible words", () => {
    expect(splitCues(" \u{200B}\n ")).toEqual([]);
  });

  it("leaves nothing out, in at most two lines that fit", () => {
    const word = fc.oneof(
      fc.constantFrom(
        "love",
        "the",
        "Grandmother’s",
        "again.",
        "yes,",
        "“Oh!”",
        "\n",
        "\n\n",
        "جدتي",
        "海の",
        "สวัสดี",
        "👩‍👩‍👧‍👦",
      ),
      fc.string({ unit: "grapheme", maxLength: 60 }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 80 }), (parts) => {
        const words = parts.join(" ");
        const cues = textsOf(words);
        expect(lettersOf(cues.join(""))).toBe(lettersOf(tidyText(words)));
        for (const cue of cues) {
          const lines = cue.split("\n");
          expect(lines.length).toBeLessThanOrEqual(2);
          expect(lines.every((line) => line.trim() !== "" && cueWidth(line) <= lineWidth)).toBe(true);
        }
      }),
    );
  });
});
