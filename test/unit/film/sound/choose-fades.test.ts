import { describe, expect, it } from "vitest";

import { chooseFades } from "../../../../dist/film/sound/choose-fades.js";

const second = 48_000;
const words = Array.from({ length: 30 }, (_, tenth) => (tenth % 10 < 8 ? -15 : -40));
const room = (tenths: number) => Array.from({ length: tenths }, () => -41);

describe("chooseFades", () => {
  it.each([
    ["words from end to end", [...words, -15], 20, 20],
    ["a tenth of room tone, which may be a breath", [...room(1), ...words, -15, ...room(1)], 20, 20],
    ["some room tone", [...room(3), ...words, -15, ...room(5)], 200, 400],
    ["much room tone", [...room(20), ...words, -15, ...room(30)], 400, 800],
    ["nothing but room tone", room(40), 400, 800],
  ])("%s", (_, tenths, inMs, outMs) => {
    const { fadeInSamples, fadeOutSamples } = chooseFades(tenths, (tenths.length / 10) * second);
    expect(fadeInSamples / 48).toBe(inMs);
    expect(fadeOutSamples / 48).toBe(outMs);
  });

  it("fades loud noise without pauses, and a tenth of a second that is nearly silent", () => {
    const sea = Array.from({ length: 50 }, (_, tenth) => -17 + (tenth % 4));
    expect(chooseFades(sea, 5 * second).fadeOutSamples).toBe(0.8 * second);
    expect(chooseFades([-55, -52, -51, -15, -14, -15, -15], 0.7 * second).fadeInSamples).toBe(0.175 * second);
  });

  it("fades a single word without pauses within 20 ms", () => {
    const word = [-16, -15, -16, -16];
    expect(chooseFades(word, 0.4 * second, -Infinity)).toEqual({ fadeInSamples: 960, fadeOutSamples: 960 });
  });

  it("does not fade the middle of a very short sound", () => {
    expect(chooseFades([], 1000)).toEqual({ fadeInSamples: 250, fadeOutSamples: 250 });
  });
});
