import { describe, expect, it } from "vitest";

import { cueGainDb, toFactor } from "../../../../dist/film/sound/cue-gain.js";

describe("cueGainDb", () => {
  it.each([
    ["a usual voice", -23, 7],
    ["a loud voice", -9, -7],
    ["a voice that is right", -16, 0],
    ["a soft voice", -38, 22],
    ["a very soft voice, not without end", -48, 24],
    ["noise", -50.1, null],
    ["silence", null, null],
  ])("%s", (_, integratedLufs, expected) => {
    expect(cueGainDb(integratedLufs)).toBe(expected);
  });
});

it("turns decibels into a factor", () => {
  expect(toFactor(0)).toBe(1);
  expect(toFactor(-20)).toBeCloseTo(0.1);
});
