import { describe, expect, it } from "vitest";

import { findMisplaced, levelsPerSecond, toLevel } from "../../../../dist/media/sound/sound-levels.js";

/** Syllables and pauses of no even length, as in speech, in levels. */
function speak(seconds: number, seed = 7): Uint8Array {
  const levels = new Uint8Array(seconds * levelsPerSecond);
  let state = seed;
  const next = (count: number): number => (state = (state * 1103515245 + 12345) % 2 ** 31) % count;
  for (let cell = 0; cell < levels.length;) {
    const [loud, long, pause] = [140 + next(40), 4 + next(12), 3 + next(15)];
    levels.fill(loud, cell, cell + long);
    levels.fill(40 + next(20), cell + long, cell + long + pause);
    cell += long + pause;
  }
  return levels;
}

const late = (levels: Uint8Array, cells: number, from = 0): Uint8Array =>
  levels.map((_, cell) => (cell < from ? (levels[cell] ?? 0) : (levels[cell - cells] ?? 0)));

describe("findMisplaced", () => {
  const file = speak(20);

  it("finds nothing misplaced in sound at its place, at another gain, over music", () => {
    expect(findMisplaced(file, file)).toBeNull();
    expect(
      findMisplaced(
        file,
        file.map((level) => level + 30),
      ),
    ).toBeNull();
    expect(
      findMisplaced(
        file,
        file.map((level) => Math.max(level, 105)),
      ),
    ).toBeNull();
    expect(findMisplaced(file, late(file, 1))).toBeNull();
  });

  it.each([3, -3, 13, -21, 45])(
    "finds sound that is %d fiftieths of a second late from its middle on",
    (cells) => {
      const heard = late(file, cells, 500);
      const found = findMisplaced(file, heard);
      expect(found?.seconds).toBeGreaterThanOrEqual(7);
      expect(found?.seconds).toBeLessThanOrEqual(12);
    },
  );

  it("finds sound that is missing, in the middle or at the end", () => {
    expect(
      findMisplaced(
        file,
        file.map((level, cell) => (cell > 400 && cell < 500 ? 0 : level)),
      ),
    ).toMatchObject({
      lateSeconds: null,
    });
    expect(findMisplaced(file, file.subarray(0, 700))?.seconds).toBeGreaterThanOrEqual(14);
  });

  it("finds nothing in silence and in steady tones", () => {
    const tone = new Uint8Array(500).fill(180);
    expect(findMisplaced(tone, tone)).toBeNull();
    expect(findMisplaced(new Uint8Array(500), new Uint8Array(500))).toBeNull();
    expect(findMisplaced(new Uint8Array(), tone)).toBeNull();
  });
});

it("toLevel counts half decibels from -100 dB on", () => {
  expect([0, 1e-10, 1e-5, 1, 1000].map(toLevel)).toEqual([0, 0, 100, 200, 255]);
});
