import { describe, expect, it } from "vitest";

import { tidyRecognised } from "../../../dist/speech/tidy-recognised.js";

const part = (text: string, from = 0, to = 1) => ({
  text,
  speaker: null,
  firstSample: from * 48_000,
  endSample: to * 48_000,
});
const anywhere = [{ firstSample: 0, endSample: 1e9 }];
const textsOf = (parts: readonly ReturnType<typeof part>[], speech = anywhere) =>
  tidyRecognised(parts, speech).map(({ text }) => text);

describe("tidyRecognised", () => {
  it("keeps spoken text", () => {
    const said = [
      "Thank you for everything, Mum.",
      "Thank you.",
      "No, no, no, no.",
      "(I mean) well.",
      "We subscribed to it.",
    ];
    expect(textsOf(said.map((text) => part(text)))).toEqual(said);
  });

  it.each([
    "[Music]",
    "(applause)",
    "♪ ♪",
    "...",
    "Thanks for watching!",
    "Thank you so much for watching.",
    "Subtitles by the Amara.org community",
    "ご視聴ありがとうございました",
    "Please subscribe.",
  ])("leaves out %s, which no one said", (text) => {
    expect(textsOf([part(text)])).toEqual([]);
  });

  it("leaves out text where no one speaks", () => {
    const speech = [{ firstSample: 48_000, endSample: 96_000 }];
    expect(textsOf([part("Ghost.", 0, 1), part("Words.", 1, 2), part("Ghost.", 2, 3)], speech)).toEqual([
      "Words.",
    ]);
  });

  it("keeps three repetitions by a model that is in a loop", () => {
    const looped = Array.from({ length: 8 }, (_, index) => part("I do not know.", index, index + 1));
    expect(textsOf([...looped, part("Goodbye.", 9, 10)])).toEqual([
      ...Array.from({ length: 3 }, () => "I do not know."),
      "Goodbye.",
    ]);
    expect(textsOf([part(`We said ${"and then we went ".repeat(12)}home.`)])).toEqual([
      "We said and then we went home.",
    ]);
    expect(textsOf([part("I love you, I love you, I love you.")])).toEqual([
      "I love you, I love you, I love you.",
    ]);
  });
});
