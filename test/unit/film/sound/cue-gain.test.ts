import { describe, expect, it } from "vitest";

import { cueGainDb, toFactor } from "../../../../dist/film/sound/cue-gain.js";

describe("cueGainDb", () => {
  it.each([
    ["a usual voice", -23, 12, 7],
    ["a loud voice", -9, 12, -7],
    ["a voice that is right", -16, 12, 0],
    ["a steady tone at a usual level", -30, 0, 14],
    ["a very soft voice", -48, 9, 32],
    ["the noise of a room", -45, 2, null],
    ["next to nothing", -50.1, 20, null],
    ["silence", null, Infinity, null],
  ])("%s", async (_, integratedLufs, spreadLu, expected) => {
    expect(await cueGainDb(integratedLufs, () => Promise.resolve(spreadLu))).toBe(expected);
  });
});

it("turns decibels into a factor", () => {
  expect(toFactor(0)).toBe(1);
  expect(toFactor(-20)).toBeCloseTo(0.1);
});
