import { describe, expect, it } from "vitest";

import { createLoudnessMeter, measureLoudness } from "../../../dist/media/loudness.js";

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
    ["case 15", sampleRate / 4, 0],
    ["case 16: peaks lie between samples", sampleRate / 4, Math.PI / 4],
    ["case 17", sampleRate / 6, Math.PI / 3],
    ["case 18", sampleRate / 8, (3 * Math.PI) / 8],
  ])("true peak, %s", async (_, hertz, phase) => {
    const { truePeakDbtp } = await measureLoudness([tapered(sine(1, hertz, -6, phase))]);
    expect(truePeakDbtp).toBeGreaterThan(-6.2);
    expect(truePeakDbtp).toBeLessThan(-5.8);
  });

  it("finds nothing in silence, and only a peak in what is too soft or too short", async () => {
    expect(await measureLoudness([new Float32Array(2 * sampleRate)])).toEqual({
      integratedLufs: null,
      truePeakDbtp: null,
    });
    const soft = await measureLoudness([sine(3, 1000, -80)]);
    expect(soft.integratedLufs).toBeNull();
    expect(soft.truePeakDbtp).toBeCloseTo(-80, 1);
    expect((await measureLoudness([sine(0.3, 1000, -20)])).integratedLufs).toBeNull();
  });

  it("measures the same however the sound is cut", async () => {
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

  it("tells steady sound from sound with pauses", () => {
    const spread = (pieces: readonly Float32Array[]) => {
      const meter = createLoudnessMeter();
      for (const piece of pieces) meter.push(piece);
      return meter.spreadLu();
    };
    expect(spread([sine(5, 300, -40)])).toBeLessThan(0.5);
    expect(spread([sine(2, 300, -40), sine(2, 300, -60), sine(2, 300, -40)])).toBeGreaterThan(15);
    expect(spread([sine(2, 300, -40), new Float32Array(4 * sampleRate)])).toBeGreaterThan(100);
    expect(spread([new Float32Array(4 * sampleRate)])).toBe(0);
    expect(spread([sine(0.1, 300, -40)])).toBe(0);
  });

  it("does not miss a peak in the last sample", async () => {
    const sound = new Float32Array(2 * sampleRate);
    sound[sound.length - 1] = 0.5;
    const { truePeakDbtp } = await measureLoudness([sound]);
    expect(truePeakDbtp).toBeCloseTo(-6.02, 1);
  });
});
