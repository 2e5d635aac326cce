import { expect, test } from "vitest";

import {
  labelsByLanguage,
  languages,
  missingKeys,
  missingSentence,
} from "../../../../dist/film/model/labels.js";

test.each([
  [["photo"], "A photograph shared here could not be included."],
  [["video", "video"], "A video shared here could not be included."],
  [["voice", "photo"], "A photograph and a voice recording shared here could not be included."],
  [
    ["photo", "voice", "video"],
    "A photograph, a voice recording and a video shared here could not be included.",
  ],
  [[], null],
] as const)("one sentence names what is missing: %j", (missing, sentence) => {
  expect(missingSentence(labelsByLanguage.en, missing)).toBe(sentence);
});

test.each(languages)("%s has a different sentence for each missing kind", (language) => {
  const { missing, ...others } = labelsByLanguage[language];
  expect(others.bornIn.split("{year}")).toHaveLength(2);
  expect(others.diedIn.split("{year}")).toHaveLength(2);
  const sentences = missingKeys.map((key) => missing[key]);
  expect(new Set(sentences).size).toBe(7);
  for (const sentence of sentences) expect(sentence).toMatch(/^\p{Lu}[^.]+\.$/u);
  for (const label of Object.values(others)) expect(label).toMatch(/^\p{Lu}[^.]+$/u);
});
