import { describe, expect, it } from "vitest";

import { createSoundClock, type SoundPiece } from "../../../../dist/media/sound/sound-clock.js";

/** Places pieces of 20 ms one after another, each with those that follow it. */
function placeAll(
  claims: readonly (number | null)[],
  { startSeconds = null as number | null, maxGapSeconds = 10, recordings = [] as readonly number[] } = {},
): number[] {
  const pieces = claims.map((claimedSeconds, index): SoundPiece => {
    return { claimedSeconds, lengthSeconds: 0.02, recording: recordings[index] ?? 0 };
  });
  const clock = createSoundClock({ startSeconds, maxGapSeconds });
  return pieces.map((piece, index) => clock.place([piece, ...pieces.slice(index + 1, index + 10)]));
}

const steady = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, index) => from + index * 0.02);

/** Times in whole milliseconds. */
const rounded = (seconds: readonly number[]): number[] => seconds.map((value) => Math.round(value * 1000));

describe("createSoundClock", () => {
  it.each([0.01, 0.03, 0.09, 0.5, 4])("follows a gap of %d s at once", (gap) => {
    const claims = [...steady(20), ...steady(20, 0.4 + gap)];
    expect(rounded(placeAll(claims))).toEqual(rounded(claims));
  });

  it("begins with the first sound, or at the requested time", () => {
    expect(rounded(placeAll(steady(3, 5)))).toEqual([0, 20, 40]);
    expect(rounded(placeAll(steady(3, 5), { startSeconds: 2 }))).toEqual([3000, 3020, 3040]);
    expect(rounded(placeAll(steady(3, -0.03), { startSeconds: 0 }))).toEqual([-30, -10, 10]);
  });

  it("does not follow timestamps that jitter", () => {
    const shaking = steady(60).map(
      (seconds, index) => seconds + ([0, 0.03, -0.02, 0.04, -0.03][index % 5] ?? 0),
    );
    const placed = placeAll(shaking);
    for (const [index, seconds] of placed.entries()) {
      expect(Math.abs(seconds - index * 0.02)).toBeLessThan(index < 50 ? 0.001 : 0.05);
    }
  });

  it("follows a drifting recorder without a step", () => {
    const drifting = steady(500).map((seconds) => seconds * 1.002);
    const placed = placeAll(drifting);
    for (const [index, seconds] of placed.entries()) {
      expect(Math.abs(seconds - (drifting[index] ?? 0))).toBeLessThan(0.005);
      if (index > 0) expect(seconds - (placed[index - 1] ?? 0) - 0.02).toBeLessThan(0.001);
    }
  });

  it("continues after a clock restarts, however short the sound before was", () => {
    expect(rounded(placeAll([...steady(100), ...steady(5)])).slice(98)).toEqual([
      1960, 1980, 2000, 2020, 2040, 2060, 2080,
    ]);
    expect(rounded(placeAll([...steady(10), ...steady(3)])).slice(9)).toEqual([180, 200, 220, 240]);
  });

  it("cuts overlaps, and leaves out a gap that is an error of the clock", () => {
    expect(rounded(placeAll([...steady(50), ...steady(3, 0.7)])).slice(49)).toEqual([980, 700, 720, 740]);
    expect(rounded(placeAll([...steady(2), ...steady(2, 30)]))).toEqual([0, 20, 40, 60]);
  });

  it("places pieces without timestamps one after another", () => {
    expect(rounded(placeAll([null, null, null]))).toEqual([0, 20, 40]);
  });

  it("lets another recording follow without a gap, but keeps it in sync with pictures", () => {
    const claims = [...steady(10), ...steady(3, 0.23)];
    const recordings = claims.map((_, index) => (index < 10 ? 0 : 1));
    expect(rounded(placeAll(claims, { recordings })).slice(10)).toEqual([200, 220, 240]);
    expect(rounded(placeAll(claims, { recordings, startSeconds: 0 })).slice(10)).toEqual([230, 250, 270]);
  });
});
