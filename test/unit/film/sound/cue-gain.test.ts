import { describe, expect, it } from "vitest";

import {
  isNoise,
  noiseOf,
  restraintLu,
  toFactor,
  wantedGainDb,
} from "../../../../dist/film/sound/cue-gain.js";

describe("wantedGainDb", () => {
  it.each([
    ["a usual voice", -23, 7],
    ["a loud voice", -9, -7],
    ["a voice that is right", -16, 0],
    ["a very soft voice", -48, 32],
    ["a voice that can hardly be heard", -70, 54],
    ["next to nothing", -75.1, null],
    ["silence", null, null],
  ])("%s", (_, integratedLufs, expected) => {
    expect(wantedGainDb(integratedLufs)).toBe(expected);
  });
});

const steady = Array.from({ length: 50 }, (_, tenth) => -16 + (tenth % 3));
const spoken = Array.from({ length: 50 }, (_, tenth) => (tenth % 10 < 8 ? -15 : -38));

describe("isNoise", () => {
  it.each([
    ["a steady hiss that would have to be raised far", 25, steady, null, true],
    ["a steady tone at a usual level", 14, steady, false, false],
    ["a very soft voice", 32, spoken, null, false],
    ["a soft voice with digital silence between its words", 32, [-15, -16, -Infinity], null, false],
    ["a voice so soft that its level says nothing, in which speech was found", 50, spoken, true, false],
    ["speech in loud noise", 50, steady, true, false],
    ["something that rises and falls, softly, in which no speech was found", 30, spoken, false, false],
    ["the same at the level of a room", 40, spoken, false, true],
  ])("%s", (_, gainDb, tenthsLufs, speaks, expected) => {
    expect(isNoise({ gainDb, tenthsLufs, speaks })).toBe(expected);
  });
});

describe("restraintLu", () => {
  it.each([
    ["a soft voice in a quiet room", 29, -45, 0],
    ["a soft voice in a room that can be heard", 29, -33, 3],
    ["a soft voice in a loud room", 29, -24, 6],
    ["a voice at a usual level in a loud room", 7, -24, 0],
    ["a voice that needs hardly more than is free", 13, -24, 1],
    ["a voice with digital silence between its words", 29, -Infinity, 0],
  ])("%s", (_, gainDb, noiseLufs, expected) => {
    expect(restraintLu(gainDb, noiseLufs)).toBe(expected);
  });
});

it("measures a voice's noise in its pauses", () => {
  expect(noiseOf(spoken)).toBe(-38);
  expect(noiseOf([])).toBe(-Infinity);
});

it("converts decibels to a factor", () => {
  expect(toFactor(0)).toBe(1);
  expect(toFactor(-20)).toBeCloseTo(0.1);
});
