import { describe, expect, it } from "vitest";

import { isPeriodic } from "../../../../dist/film/sound/is-periodic.js";

const rate = 48_000;

function stereo(seconds: number, value: (time: number) => number): Float32Array {
  return new Float32Array(2 * Math.round(seconds * rate)).map((_, index) => value((index >> 1) / rate));
}

function createNoise(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return 2 * (state / 2_147_483_647) - 1;
  };
}

/** A vowel whose pitch falls by a third within the word. */
function vowel(time: number, hertz: number, seconds: number): number {
  const turns = hertz * (time - (time * time) / 6 / seconds);
  let sum = 0;
  for (let harmonic = 1; harmonic <= 12; harmonic++)
    sum += Math.sin(2 * Math.PI * harmonic * turns) / harmonic;
  return 0.01 * sum * Math.sin((Math.PI * time) / seconds);
}

describe("isPeriodic", () => {
  const noise = createNoise();
  let red = 0;
  const seconds = 0.3;
  it.each([
    ["a man's word", (time: number) => vowel(time, 100, seconds), true],
    ["a child's word", (time: number) => vowel(time, 320, seconds), true],
    ["a word in noise", (time: number) => vowel(time, 180, seconds) + 0.005 * noise(), true],
    [
      "a word that begins with a hiss",
      (time: number) => (time < 0.1 ? 0.004 * noise() : vowel(time - 0.1, 140, 0.2)),
      true,
    ],
    ["a tone", (time: number) => 0.01 * Math.sin(2 * Math.PI * 1000 * time), true],
    ["hiss", () => 0.01 * noise(), false],
    ["rumble", () => (red = 0.998 * red + 0.001 * noise()), false],
    ["a clap", (time: number) => 0.1 * noise() * Math.exp(-time / 0.02), false],
    ["silence", () => 0, false],
  ])("%s", (_, value, expected) => {
    expect(isPeriodic(stereo(seconds, value))).toBe(expected);
    const onTheRight = stereo(seconds, value).map((sample, index) => (index % 2 === 0 ? 0 : sample));
    expect(isPeriodic(onTheRight)).toBe(expected);
  });

  it("does not find periods in less than a window", () => {
    expect(isPeriodic(stereo(0.02, (time) => Math.sin(2 * Math.PI * 200 * time)))).toBe(false);
    expect(isPeriodic(new Float32Array(0))).toBe(false);
  });
});
