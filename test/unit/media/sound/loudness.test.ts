import { describe, expect, it } from "vitest";

import { createLoudnessMeter, measureLoudness } from "../../../../dist/media/sound/loudness.js";

const sampleRate = 48_000;

/** The same sine on both channels. */
function sine(seconds: number, hertz: number, dbfs: number, phase = 0): Float32Array {
  const sound = new Float32Array(2 * Math.round(seconds * sampleRate));
  const amplitude = 10 ** (dbfs / 20);
  for (let index = 0; index < sound.length / 2; index++) {
    const value = amplitude * Math.sin((2 * Math.PI * hertz * index) / sampleRate + phase);
    sound[2 * index] = sound[2 * index + 1] = value;
  }
  return sound;
}

/** Faded in and out: a sine that begins suddenly has a higher peak than its own. */
function tapered(sound: Float32Array): Float32Array {
  const edge = 9600;
  return sound.map((value, index) => value * Math.min(1, index / edge, (sound.length - 1 - index) / edge));
}

describe("measureLoudness, by the cases of EBU Tech 3341", () => {
  it.each([
    ["case 1: a sine at -23 dBFS", [sine(20, 1000, -23)], -23],
    ["case 2: a sine at -33 dBFS", [sine(20, 1000, -33)], -33],
    ["case 3: quiet ends are gated", [sine(10, 1000, -36), sine(60, 1000, -23), sine(10, 1000, -36)], -23],
    [
      "case 4: very quiet ends are gated",
      [
        sine(10, 1000, -72),
        sine(10, 1000, -36),
        sine(60, 1000, -23),
        sine(10, 1000, -36),
        sine(10, 1000, -72),
      ],
      -23,
    ],
    [
      "case 5: louder and softer parts are one",
      [sine(20, 1000, -26), sine(20.1, 1000, -20), sine(20, 1000, -26)],
      -23,
    ],
  ])("%s", async (_, pieces, expected) => {
    const { integratedLufs } = await measureLoudness(pieces);
    expect(integratedLufs).toBeGreaterThan(expected - 0.1);
    expect(integratedLufs).toBeLessThan(expected + 0.1);
  });

  it.each([
    ["a sound of 300 ms is one block", sine(0.3, 1000, -23), -23],
    ["so is one of 50 ms", sine(0.05, 1000, -41), -41],
    [
      "what is silent around a word of 300 ms counts as in any block",
      [...sine(0.3, 1000, -23), ...sine(0.1, 1000, -300)],
      -24.2,
    ],
    ["a sound of -65 LUFS", sine(3, 1000, -65), -65],
    ["a sound of -71 LUFS, under the gate of the standard", sine(3, 1000, -71), -71],
    ["pauses of such a sound are left out as ever", [...sine(2, 1000, -66), ...sine(8, 1000, -90)], -66.3],
  ])("measures sound for which the standard has no value: %s", async (_, sound, expected) => {
    const { integratedLufs } = await measureLoudness([Float32Array.from(sound)]);
    expect(integratedLufs).toBeGreaterThan(expected - 0.2);
    expect(integratedLufs).toBeLessThan(expected + 0.2);
  });

  it("treats sound under -85 LUFS, and no sound, as silence", async () => {
    for (const sound of [
      sine(3, 1000, -86),
      sine(0.2, 1000, -86),
      new Float32Array(9600),
      new Float32Array(),
    ]) {
      expect((await measureLoudness([sound])).integratedLufs).toBeNull();
    }
  });

  it.each([
    ["case 15", sampleRate / 4, 0],
    ["case 16: peaks lie between samples", sampleRate / 4, Math.PI / 4],
    ["case 17", sampleRate / 6, Math.PI / 3],
    ["case 18", sampleRate / 8, (3 * Math.PI) / 8],
  ])("measures the true peak of %s", async (_, hertz, phase) => {
    const { truePeakDbtp } = await measureLoudness([tapered(sine(1, hertz, -6, phase))]);
    expect(truePeakDbtp).toBeGreaterThan(-6.2);
    expect(truePeakDbtp).toBeLessThan(-5.8);
  });

  it("measures nothing in silence, and only a peak in sound that is too soft", async () => {
    expect(await measureLoudness([new Float32Array(2 * sampleRate)])).toEqual({
      integratedLufs: null,
      truePeakDbtp: null,
    });
    const soft = await measureLoudness([sine(3, 1000, -86)]);
    expect(soft.integratedLufs).toBeNull();
    expect(soft.truePeakDbtp).toBeCloseTo(-86, 1);
  });

  it("measures the same however the sound is split into pieces", async () => {
    const sound = sine(3, 700, -12, 0.3);
    const whole = await measureLoudness([sound]);
    const meter = createLoudnessMeter();
    for (let start = 0, length = 2; start < sound.length; start += length, length = (length * 7) % 9998) {
      meter.push(sound.subarray(start, start + length));
    }
    const { integratedLufs, truePeakDbtp } = meter.measure();
    expect(integratedLufs).toBeCloseTo(whole.integratedLufs ?? Number.NaN, 6);
    expect(truePeakDbtp).toBeCloseTo(whole.truePeakDbtp ?? Number.NaN, 6);
  });

  it("returns the loudness of each tenth of a second", () => {
    const meter = createLoudnessMeter({ peaks: false });
    for (const piece of [sine(0.5, 1000, -20), new Float32Array(9600 * 2), sine(0.25, 1000, -40)])
      meter.push(piece);
    const tenths = meter.tenths();
    expect(tenths).toHaveLength(9);
    expect(tenths[2]).toBeCloseTo(-20, 0);
    expect(tenths[6]).toBeLessThan(-100);
    expect(tenths[8]).toBeCloseTo(-40, 0);
    expect(meter.measure().truePeakDbtp).toBeNull();
  });

  it("measures ranges of a sound separately", () => {
    const meter = createLoudnessMeter();
    for (const piece of [sine(2, 1000, -20), sine(2, 1000, -30), sine(2, 1000, -24)]) meter.push(piece);
    const within = (...ranges: [number, number][]) =>
      meter.integratedWithin(
        ranges.map(([from, to]) => ({
          firstSample: from * sampleRate,
          sampleCount: (to - from) * sampleRate,
        })),
      );
    expect(within([0, 6])).toBe(meter.measure().integratedLufs);
    expect(within([0, 2])).toBeCloseTo(-20, 1);
    expect(within([2.05, 4])).toBeCloseTo(-30, 0);
    expect(within([0, 2], [4, 6])).toBeCloseTo(-21.55, 1);
    expect(within([1, 1.3])).toBeCloseTo(-20, 1);
    expect(within([1.02, 1.08])).toBeNull();
    expect(within()).toBeNull();
  });

  it("does not miss a peak in the last sample", async () => {
    const sound = new Float32Array(2 * sampleRate);
    sound[sound.length - 1] = 0.5;
    const { truePeakDbtp } = await measureLoudness([sound]);
    expect(truePeakDbtp).toBeCloseTo(-6.02, 1);
  });
});
