import { describe, expect, it } from "vitest";

import { createSpeechFinder } from "../../../../dist/media/sound/find-speech.js";

const rate = 48_000;

/** Syllables of a buzzing 140 Hz voice, four a second, between the given seconds; else noise of the given level. */
function recording(
  seconds: number,
  spoken: readonly (readonly [number, number])[],
  noise: number,
): Float32Array {
  const samples = new Float32Array(seconds * rate * 2);
  let state = 1;
  for (let index = 0; index < seconds * rate; index++) {
    const time = index / rate;
    state = (state * 48_271) % 2_147_483_647;
    let value = (state / 2_147_483_647 - 0.5) * 2 * noise;
    if (spoken.some(([from, to]) => time >= from && time < to)) {
      const syllable = Math.max(0, Math.sin(2 * Math.PI * 4 * time));
      for (const harmonic of [2, 3, 5, 8])
        value += 0.08 * syllable * Math.sin(2 * Math.PI * 140 * harmonic * time);
    }
    samples[2 * index] = value;
    samples[2 * index + 1] = value;
  }
  return samples;
}

function spansOf(samples: Float32Array): (readonly [number, number])[] {
  const finder = createSpeechFinder();
  for (let start = 0; start < samples.length; start += 9600)
    finder.push(samples.subarray(start, start + 9600));
  return finder.spans().map(({ firstSample, endSample }) => [firstSample / rate, endSample / rate] as const);
}

describe("createSpeechFinder", () => {
  it.each([
    ["a quiet room", 0.0005],
    ["a noisy room", 0.008],
  ])("finds speech in %s", (_, noise) => {
    const spans = spansOf(recording(12, [[2, 4], [7, 10]], noise)); // prettier-ignore
    expect(spans).toHaveLength(2);
    for (const [index, [from, to]] of [[2, 4] as const, [7, 10] as const].entries()) {
      expect(Math.abs((spans[index]?.[0] ?? 0) - from)).toBeLessThan(0.4);
      expect(Math.abs((spans[index]?.[1] ?? 0) - to)).toBeLessThan(0.4);
    }
  });

  it("finds a voice whose channels would cancel each other, and one in a single channel", () => {
    const both = recording(6, [[2, 4]], 0.0005);
    for (const factor of [-1, 0]) {
      const samples = both.map((value, index) => (index % 2 === 0 ? value : value * factor));
      expect(spansOf(samples)).toHaveLength(1);
    }
  });

  it.each([
    ["silence", 0],
    ["the hiss of an empty room", 0.001],
    ["loud steady noise", 0.3],
  ])("finds no speech in %s", (_, noise) => {
    expect(spansOf(recording(6, [], noise))).toEqual([]);
  });

  it("finds no speech in the surge of the sea", () => {
    const sea = recording(20, [], 0.3).map(
      (value, index) => value * (0.02 + Math.sin(index / 2 / rate) ** 2),
    );
    expect(spansOf(sea)).toEqual([]);
  });

  it("finds no speech in a knock", () => {
    expect(spansOf(recording(6, [[3, 3.05]], 0.0005))).toEqual([]);
  });

  it("finds no speech in an empty sound", () => {
    expect(spansOf(new Float32Array(0))).toEqual([]);
  });
});
