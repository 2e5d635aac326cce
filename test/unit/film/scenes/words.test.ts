import { expect, test } from "vitest";

import { missingSentence } from "../../../../dist/film/scenes/words.js";

test.each([
  [["photo"], "A photograph shared here could not be included."],
  [["video", "video"], "A video shared here could not be included."],
  [["photo", "voice"], "A photograph and a voice recording shared here could not be included."],
  [
    ["photo", "voice", "video"],
    "A photograph, a voice recording and a video shared here could not be included.",
  ],
] as const)("of %j it says so in one sentence", (missing, sentence) => {
  expect(missingSentence(missing)).toBe(sentence);
});
