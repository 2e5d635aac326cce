import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createLimiter } from "../../../../dist/film/sound/limiter.js";
import { measureLoudness } from "../../../../dist/media/sound/loudness.js";

const ceilingDbtp = -2;
const sampleRate = 48_000;

function stereo(sampleCount: number, at: (sample: number) => number): Float32Array {
  const sound = new Float32Array(2 * sampleCount);
  for (let sample = 0; sample < sampleCount; sample++) sound[2 * sample] = sound[2 * sample + 1] = at(sample);
  return sound;
}

/** Returns the limited sound without the delay. */
function limit(sound: Float32Array, pieceSamples = 4800): Float32Array {
  const limiter = createLimiter(ceilingDbtp);
  const out = new Float32Array(sound.length + 2 * limiter.delaySamples);
  out.set(sound);
  for (let start = 0; start < out.length; start += 2 * pieceSamples) {
    limiter.process(out.subarray(start, start + 2 * pieceSamples));
  }
  return out.slice(2 * limiter.delaySamples);
}

async function truePeak(sound: Float32Array): Promise<number> {
  return (await measureLoudness([sound])).truePeakDbtp ?? -Infinity;
}

const sine =
  (hertz: number, amplitude: number, phase = 0) =>
  (sample: number) =>
    amplitude * Math.sin((2 * Math.PI * hertz * sample) / sampleRate + phase);

describe("createLimiter", () => {
  it("passes sound under the ceiling unchanged", () => {
    const sound = stereo(20_000, sine(440, 0.7));
    expect(limit(sound)).toEqual(sound);
  });

  it.each([
    ["a loud tone", sine(440, 4)],
    ["peaks between samples", sine(sampleRate / 4, 1, Math.PI / 4)],
    ["a single click", (sample: number) => (sample === 10_000 ? 8 : 0)],
    ["a click at the very start", (sample: number) => (sample === 0 ? 8 : 0)],
    ["a click at the very end", (sample: number) => (sample === 19_999 ? 8 : 0)],
    ["bursts in a soft tone", (sample: number) => sine(300, sample % 9000 < 200 ? 6 : 0.1)(sample)],
  ])("limits %s to the ceiling", async (_, at) => {
    const limited = limit(stereo(20_000, at));
    expect(await truePeak(limited)).toBeLessThan(ceilingDbtp + 0.05);
    expect(await truePeak(limited)).toBeGreaterThan(ceilingDbtp - 1.5);
  });

  it("limits any noise to the ceiling, in pieces of any size", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 600, maxLength: 1200 }),
        fc.integer({ min: 1, max: 700 }),
        async (values, pieceSamples) => {
          const sound = stereo(values.length, (sample) => values[sample] ?? 0);
          const limited = limit(sound, pieceSamples);
          expect(await truePeak(limited)).toBeLessThan(ceilingDbtp + 0.2);
          expect(limited).toEqual(limit(sound));
        },
      ),
      { numRuns: 20 },
    );
  });

  it("changes nothing 10 ms before a burst or a second after it", () => {
    const burstStart = 48_000;
    const burstEnd = burstStart + 480;
    const sound = stereo(3 * 48_000, (sample) =>
      sine(300, sample >= burstStart && sample < burstEnd ? 4 : 0.2)(sample),
    );
    const limited = limit(sound);
    const before = 2 * (burstStart - 480);
    expect(limited.subarray(0, before)).toEqual(sound.subarray(0, before));
    const after = 2 * (burstEnd + 48_000);
    const changes = limited
      .subarray(after)
      .map((value, index) => Math.abs(value - (sound[after + index] ?? 0)));
    expect(changes.reduce((most, change) => Math.max(most, change), 0)).toBeLessThan(0.001);
  });

  it("applies the same gain to both channels", () => {
    const sound = stereo(20_000, () => 0);
    for (let sample = 0; sample < 20_000; sample++) {
      sound[2 * sample] = sine(440, 3)(sample);
      sound[2 * sample + 1] = sine(440, 0.3)(sample);
    }
    const limited = limit(sound);
    for (let sample = 1000; sample < 19_000; sample += 97) {
      expect(limited[2 * sample + 1]).toBeCloseTo((limited[2 * sample] ?? 0) / 10, 5);
    }
  });
});
