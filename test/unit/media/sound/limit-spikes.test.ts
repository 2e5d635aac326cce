import { expect, it } from "vitest";

import { limitSpikes } from "../../../../dist/media/sound/limit-spikes.js";

const sound = (loud: number) => Float32Array.from({ length: 2048 }, (_, index) => loud * Math.sin(index / 9));

it.each([0.1, 3, 30, 30_000])("keeps sound that is %s times full scale throughout", (loud) => {
  const samples = sound(loud);
  limitSpikes(samples);
  expect(samples).toEqual(sound(loud));
});

it.each([
  [30_000, 1],
  [-1e30, -1],
  [Infinity, 1],
  [-Infinity, -1],
  [NaN, 0],
])("changes a moment of %s in soft sound to %s", (damage, expected) => {
  const samples = sound(0.1);
  samples.fill(damage, 1000, 1003);
  limitSpikes(samples);
  for (const value of samples.subarray(1000, 1003)) expect(Math.abs(value - expected)).toBeLessThan(0.05);
  expect(samples.subarray(1003)).toEqual(sound(0.1).subarray(1003));
});

it("makes only finite samples of sound that is all damage", () => {
  for (const damage of [NaN, Infinity]) {
    const samples = new Float32Array(100).fill(damage);
    limitSpikes(samples);
    expect(samples.every(Number.isFinite)).toBe(true);
  }
});
