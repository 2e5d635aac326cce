import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  intersamplePeak,
  intersamplePeakBound,
  samplesAfter,
  samplesBefore,
} from "../../../../dist/media/sound/true-peak.js";

const largest = (channel: Float32Array, start: number, end: number) => {
  let peak = 0;
  for (let index = start; index < end; index++) peak = Math.max(peak, intersamplePeak(channel, index));
  return peak;
};

describe("intersamplePeakBound", () => {
  it("is never exceeded", () => {
    const samples = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 40, maxLength: 120 });
    fc.assert(
      fc.property(samples, (values) => {
        const channel = Float32Array.from(values);
        const end = channel.length - samplesAfter;
        const bound = intersamplePeakBound(channel, samplesBefore, end);
        expect(largest(channel, samplesBefore, end)).toBeLessThanOrEqual(bound + 1e-6);
      }),
    );
  });

  it("is close to the peak of a tone in the range of speech", () => {
    const channel = Float32Array.from({ length: 400 }, (_, n) => Math.sin((2 * Math.PI * 1000 * n) / 48_000));
    expect(intersamplePeakBound(channel, 100, 300)).toBeLessThan(1.02);
  });
});
