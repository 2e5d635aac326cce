import { beforeAll, describe, expect, it } from "vitest";

import { composeAmbient } from "../../../../dist/film/sound/compose-ambient.js";
import { createAmbient } from "../../../../dist/film/sound/create-ambient.js";
import { measureLoudness } from "../../../../dist/media/sound/loudness.js";

const second = 48_000;
const seconds = 40;

let bed: Float32Array;
beforeAll(async () => {
  bed = await readAll(seconds, second);
});

async function readAll(length: number, samplesPerPiece: number): Promise<Float32Array> {
  const ambient = createAmbient(length * second);
  const whole = new Float32Array(2 * length * second);
  for (let first = 0; first < length * second; first += samplesPerPiece) {
    const count = Math.min(samplesPerPiece, length * second - first);
    whole.set(await ambient.read(first, count), 2 * first);
  }
  return whole;
}

describe("createAmbient", () => {
  it("produces the same ambient sound every time, in any pieces", async () => {
    expect(
      Buffer.compare(Buffer.from(bed.buffer), Buffer.from((await readAll(seconds, 70_001)).buffer)),
    ).toBe(0);
  });

  it("has the loudness of a bed at any length, and swells gently", async () => {
    for (const length of [20, seconds]) {
      const sound = length === seconds ? bed : await readAll(length, second);
      const { integratedLufs, truePeakDbtp } = await measureLoudness([sound]);
      expect(Math.abs((integratedLufs ?? 0) + 20)).toBeLessThan(0.7);
      expect(truePeakDbtp).toBeLessThan(-6);
    }
    const levels: number[] = [];
    for (let first = 0; first + 6 * second <= bed.length; first += 2 * second) {
      levels.push(decibels(bed.subarray(first, first + 6 * second)));
    }
    const swell = Math.max(...levels) - Math.min(...levels);
    expect(swell).toBeGreaterThan(1);
    expect(swell).toBeLessThan(8);
  });

  it("contains no clicks, bumps or whistles", () => {
    const left = Float32Array.from({ length: bed.length / 2 }, (_, index) => bed[2 * index] as number);
    const whole = decibels(left);
    const high = highPass(highPass(left, 3000), 3000);
    // A click is high for a moment, a whistle is high all the time.
    for (let first = second; first + 480 <= high.length; first += 480) {
      expect(decibels(high.subarray(first, first + 480)) - whole).toBeLessThan(-40);
    }
    for (let first = second; first + second / 2 <= left.length; first += second / 4) {
      const before = decibels(left.subarray(first, first + second / 4));
      const after = decibels(left.subarray(first + second / 4, first + second / 2));
      expect(after - before).toBeLessThan(6);
    }
    expect(Math.abs(left.reduce((sum, value) => sum + value, 0) / left.length)).toBeLessThan(1e-5);
  });

  it("is wide in stereo and loses little on one loudspeaker", () => {
    let left = 0;
    let right = 0;
    let both = 0;
    for (let index = 0; index < bed.length; index += 2) {
      left += (bed[index] as number) ** 2;
      right += (bed[index + 1] as number) ** 2;
      both += (bed[index] as number) * (bed[index + 1] as number);
    }
    expect(both / Math.sqrt(left * right)).toBeGreaterThan(0.4);
    expect(both / Math.sqrt(left * right)).toBeLessThan(0.9);
    expect(Math.abs(10 * Math.log10(left / right))).toBeLessThan(1);
  });
});

describe("composeAmbient", () => {
  const hour = composeAmbient(3600 * second);

  it("ends on the tonic at any length of film", () => {
    for (const length of [5, 20, 61, 600, 3600]) {
      const notes = composeAmbient(length * second);
      const lastTones = notes
        .filter(({ endSample }) => endSample >= length * second)
        .map(({ hertz }) => Math.round(hertz));
      expect(lastTones).toEqual([147, 220, 294, 367]);
      for (const voice of [0, 1, 2, 3]) {
        const own = notes.filter((note) => note.voice === voice);
        expect(own[0]?.firstSample).toBeLessThan(-4 * second);
        for (const [index, note] of own.slice(1).entries()) {
          expect(note.firstSample - (own[index]?.endSample ?? 0)).toBeLessThan(2 * second);
        }
      }
    }
  });

  it("moves slowly by steps in all voices but the lowest", () => {
    for (const { attackSamples, releaseSamples } of hour) {
      expect(Math.min(attackSamples, releaseSamples)).toBeGreaterThan(3 * second);
    }
    for (const voice of [1, 2, 3]) {
      const own = hour.filter((note) => note.voice === voice);
      for (const [index, { hertz, endSample, firstSample }] of own.slice(1).entries()) {
        const semitones = Math.abs(12 * Math.log2(hertz / (own[index]?.hertz ?? 0)));
        expect(semitones).toBeLessThan(3.2);
        expect(endSample - firstSample).toBeGreaterThan(7 * second);
      }
    }
  });

  it("does not repeat itself", () => {
    const lowest = hour.filter(({ voice }) => voice === 0).map(({ hertz }) => Math.round(hertz));
    for (let lag = 1; lag < lowest.length / 2; lag++) {
      const repeated = lowest.slice(lag).filter((hertz, index) => hertz === lowest[index]).length;
      expect(repeated / (lowest.length - lag)).toBeLessThan(0.6);
    }
  });
});

function decibels(sound: Float32Array): number {
  return 10 * Math.log10(sound.reduce((sum, value) => sum + value * value, 0) / sound.length);
}

/** A second-order Butterworth filter (Audio EQ Cookbook, R. Bristow-Johnson). */
function highPass(sound: Float32Array, hertz: number): Float32Array {
  const angle = (2 * Math.PI * hertz) / second;
  const alpha = Math.sin(angle) / Math.SQRT2;
  const cosine = Math.cos(angle);
  const gain = (1 + cosine) / 2;
  let x1 = 0;
  let x2 = 0;
  let y1 = 0;
  let y2 = 0;
  const passed = new Float32Array(sound.length);
  for (const [index, x] of sound.entries()) {
    const y = (gain * (x - 2 * x1 + x2) + 2 * cosine * y1 - (1 - alpha) * y2) / (1 + alpha);
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    passed[index] = y;
  }
  return passed;
}
