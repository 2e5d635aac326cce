import { describe, expect, it } from "vitest";

import { contributorNames } from "../../../../dist/film/plan/contributor-names.js";
import { nameKey } from "../../../../dist/film/plan/name-key.js";
import type { Message } from "../../../../dist/capsule/content.js";

const named = (...names: readonly (string | null)[]): readonly string[] =>
  contributorNames(names.map((contributorName) => ({ contributorName }) as Message));

describe("contributorNames", () => {
  it.each([
    [["Zoë", "Zoe\u0308", "ZOË", "zoë"], ["Zoë"]],
    [["anna", "Anna", "ANNA"], ["Anna"]],
    [
      ["anna", "Max", "ANNA", "anna"],
      ["anna", "Max"],
    ],
    [
      ["Max", null, "Anna", "Max"],
      ["Max", "Anna"],
    ],
    [["O'Neill", "O’Neill"], ["O'Neill"]],
    [["Ａｎｎａ", "Anna", "𝓐𝓷𝓷𝓪"], ["Ａｎｎａ"]],
    [["Lu ♥", "Lu ♥\uFE0F"], ["Lu ♥"]],
  ])("names %j once: %j", (names, expected) => {
    expect(named(...names)).toEqual(expected);
  });

  it.each([
    ["Anna", "Anne"],
    ["Zoë", "Zoe"],
    ["Weiß", "Weiss"],
    ["José", "Jose"],
    ["Anna M.", "Anna"],
    ["Li Na", "Lina"],
    ["Grandma", "Grandma 2"],
    ["Müller", "Mueller"],
    ["Йосип", "Иосип"],
  ])("treats %s and %s as two people", (one, other) => {
    expect(named(one, other)).toEqual([one, other]);
  });
});

it.each([
  ["IŞIL", "Işıl"],
  ["İPEK", "İpek"],
  ["ipek", "İpek"],
  ["ΝΊΚΟΣ", "Νίκος"],
  ["WEIẞ", "Weiß"],
  ["ДАША", "Даша"],
])("treats %s and %s as one person in any language", (one, other) => {
  expect(nameKey(one)).toBe(nameKey(other));
});
