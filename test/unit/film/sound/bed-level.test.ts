import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createBedLevel, mergeSpeech } from "../../../../dist/film/sound/bed-level.js";

const second = 48_000;
const range = (from: number, to: number) => ({
  firstSample: from * second,
  sampleCount: (to - from) * second,
});

describe("mergeSpeech", () => {
  it("joins voices with less than 2.5 s between them, in order", () => {
    expect(mergeSpeech([range(20, 22), range(1, 5), range(6.6, 9), range(11.5, 12), range(7, 8)])).toEqual([
      range(1, 9),
      range(11.5, 12),
      range(20, 22),
    ]);
    expect(mergeSpeech([])).toEqual([]);
  });
});

describe("createBedLevel", () => {
  it("lowers the music between 0.6 s and a tenth of a second before a word", () => {
    const levelAt = createBedLevel([range(20, 30)], 60 * second);
    const db = (time: number) => 20 * Math.log10(levelAt(time * second));
    expect(db(19.39)).toBeCloseTo(0, 5);
    expect(db(19.9)).toBeCloseTo(-11, 5);
    for (const time of [20, 22, 25, 29.9, 30.3]) expect(db(time)).toBeCloseTo(-11, 5);
    expect(db(31.05)).toBeCloseTo(-5.5, 1);
    expect(db(31.81)).toBeCloseTo(0, 5);
  });

  it("fades the music in with the opening and out with the closing", () => {
    const levelAt = createBedLevel([], 60 * second);
    expect([0, 1.5, 3, 54, 57, 60].map((time) => levelAt(time * second))).toEqual(
      [0, 0.5, 1, 1, 0.5, 0].map((level) => expect.closeTo(level, 6)),
    );
    expect(createBedLevel([], 6 * second)(3 * second)).toBeCloseTo(1, 6);
  });

  it("never changes the music's level abruptly, and ignores the order of the calls", () => {
    const time = fc.double({ min: 0, max: 60, noNaN: true });
    const ranges = fc.array(
      fc.tuple(time, time).map(([a, b]) => range(Math.min(a, b), Math.max(a, b))),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(ranges, (speech) => {
        const levelAt = createBedLevel(speech, 60 * second);
        const samples = Array.from({ length: 1250 }, (_, index) => index * 2304);
        const levels = samples.map(levelAt);
        for (const [index, level] of levels.entries()) {
          expect(Math.abs(level - (levels[index - 1] ?? 0))).toBeLessThan(0.17);
        }
        expect(samples.toReversed().map(levelAt).toReversed()).toEqual(levels);
      }),
      { numRuns: 50 },
    );
  });
});
