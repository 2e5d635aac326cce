import { expect, it } from "vitest";

import { createHighPass } from "../../../../dist/media/sound/high-pass.js";

const second = 48_000;

function filtered(at: (time: number) => number, pieceSamples = 4800): Float32Array {
  const sound = new Float32Array(2 * 2 * second).map((_, index) => at((index >> 1) / second));
  const highPass = createHighPass();
  for (let start = 0; start < sound.length; start += 2 * pieceSamples)
    highPass(sound.subarray(start, start + 2 * pieceSamples));
  return sound;
}

const peak = (sound: Float32Array) =>
  sound.subarray(2 * second).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const tone = (hertz: number) => (time: number) => Math.sin(2 * Math.PI * hertz * time);

it("removes direct current and rumble and keeps audible sound", () => {
  expect(peak(filtered(() => 0.3))).toBeLessThan(1e-6);
  expect(peak(filtered(tone(5)))).toBeLessThan(0.07);
  expect(peak(filtered(tone(20)))).toBeCloseTo(Math.SQRT1_2, 2);
  expect(peak(filtered(tone(60)))).toBeGreaterThan(0.99);
  expect(peak(filtered(tone(1000)))).toBeCloseTo(1, 3);
});

it("gives the same result however the sound is split into pieces", () => {
  const bytes = (pieceSamples?: number) => Buffer.from(filtered(tone(50), pieceSamples).buffer);
  expect(bytes(777).equals(bytes())).toBe(true);
});
