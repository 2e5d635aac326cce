import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import type { SoundAsset } from "../../../dist/assets/asset.js";
import { mixSound } from "../../../dist/film/mix.js";
import { decodeAacFile } from "../../../dist/media/decode-aac-file.js";
import { measureLoudness } from "../../../dist/media/loudness.js";
import { childOptions, voice, writeSound } from "./tiny-film.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "keepsake-mix-"));
});
afterAll(() => rm(folder, { recursive: true }));

const second = 48_000;

async function mix(cues: readonly { sound: SoundAsset; firstSample: number }[], seconds: number) {
  const input = { cues, sampleCount: seconds * second, path: path.join(folder, "sound.aac") };
  const mixed = await mixSound(input, childOptions(folder));
  return { mixed, decoded: await decode(mixed.path) };
}

async function decode(file: string): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  for await (const piece of decodeAacFile({
    path: file,
    demuxer: "aac",
    streamIndex: 0,
    primingSamples: 1024,
  })) {
    pieces.push(piece.slice());
  }
  const whole = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

function part(sound: Float32Array, fromSecond: number, seconds: number): Float32Array {
  return sound.subarray(2 * fromSecond * second, 2 * (fromSecond + seconds) * second);
}

describe("mixSound", () => {
  it("brings voices of very different level to one loudness, and the film to -16 LUFS under -1 dBTP", async () => {
    const soft = await writeSound(path.join(folder, "soft.f32"), voice(8, 180, 0.02));
    const loud = await writeSound(path.join(folder, "loud.f32"), voice(8, 110, 1));
    expect((loud.integratedLufs ?? 0) - (soft.integratedLufs ?? 0)).toBeGreaterThan(25);
    const cues = [
      { sound: loud, firstSample: 2 * second },
      { sound: soft, firstSample: 12 * second },
    ];
    const { mixed, decoded } = await mix(cues, 22);

    const [ofLoud, ofSoft] = await Promise.all([
      measureLoudness([part(decoded, 2, 8)]),
      measureLoudness([part(decoded, 12, 8)]),
    ]);
    expect(Math.abs((ofLoud.integratedLufs ?? 0) - (ofSoft.integratedLufs ?? 99))).toBeLessThan(1);
    const film = await measureLoudness([part(decoded, 0, 22)]);
    expect(Math.abs((film.integratedLufs ?? 0) + 16)).toBeLessThan(0.5);
    expect(film.truePeakDbtp).toBeLessThan(-1);
    expect(mixed.loudness.integratedLufs).toBeCloseTo(film.integratedLufs ?? 0, 3);
    expect(mixed.levelled).toBe(true);
    expect(Math.max(...part(decoded, 10.5, 1).map(Math.abs))).toBeLessThan(1e-4);
  });

  it("keeps peaky speech as loud as the rest, with its peaks held", async () => {
    const sound = voice(8, 130, 0.05);
    for (let click = second / 2; click < sound.length / 2; click += second)
      sound[2 * click] = sound[2 * click + 1] = 0.9;
    const peaky = await writeSound(path.join(folder, "peaky.f32"), sound);
    const { mixed, decoded } = await mix([{ sound: peaky, firstSample: 0 }], 8);
    expect(mixed.loudness.integratedLufs).toBeGreaterThan(-16.5);
    expect((await measureLoudness([part(decoded, 0, 8)])).truePeakDbtp).toBeLessThan(-1);
  });

  it("ends with what is nothing but claps, as loud as their peaks allow", async () => {
    const claps = new Float32Array(2 * 10 * second);
    for (let clap = second / 2; clap < 10 * second; clap += 2 * second) {
      for (let sample = 0; sample < 200; sample++) {
        const value = 0.9 * Math.sin(sample) * Math.exp(-sample / 30);
        claps[2 * (clap + sample)] = claps[2 * (clap + sample) + 1] = value;
      }
    }
    const sound = await writeSound(path.join(folder, "claps.f32"), claps);
    const { mixed } = await mix([{ sound, firstSample: 0 }], 10);
    expect(mixed.levelled).toBe(true);
    expect(mixed.loudness.integratedLufs).toBeLessThan(-17);
    expect(mixed.loudness.truePeakDbtp).toBeLessThan(-1);
    expect(mixed.loudness.truePeakDbtp).toBeGreaterThan(-3.5);
  });

  it.each([
    ["the hiss of a microphone", 0.003],
    ["the noise of a room", 0.015],
  ])("does not amplify %s", async (_, amplitude) => {
    const noise = new Float32Array(2 * 5 * second);
    let state = 1;
    for (let index = 0; index < noise.length; index++) {
      state = (state * 48_271) % 2_147_483_647;
      noise[index] = amplitude * (state / 2_147_483_647 - 0.5);
    }
    const sound = await writeSound(path.join(folder, "noise.f32"), noise);
    const { mixed } = await mix([{ sound, firstSample: second }], 7);
    expect(mixed.cues).toEqual([{ gainDb: 0 }]);
    expect(mixed.levelled).toBe(false);
    expect(mixed.loudness.integratedLufs).toBeLessThan((sound.integratedLufs ?? 0) + 1);
  });

  it("gives a film without sound digital silence of the right length", async () => {
    const { mixed, decoded } = await mix([], 3);
    expect(mixed.loudness).toEqual({ integratedLufs: null, truePeakDbtp: null });
    expect(decoded.length / 2).toBeGreaterThanOrEqual(3 * second);
    expect(decoded.length / 2).toBeLessThan(3 * second + 1024);
    expect(decoded.every((value) => value === 0)).toBe(true);
    expect((await stat(mixed.path)).size).toBeLessThan(5000);
  });

  it("starts and ends a sound softly and puts it on its sample", async () => {
    const steady = new Float32Array(2 * second);
    for (let sample = 0; sample < second; sample++) {
      steady[2 * sample] = steady[2 * sample + 1] = 0.25 * Math.cos((2 * Math.PI * 500 * sample) / second);
    }
    const sound = await writeSound(path.join(folder, "steady.f32"), steady);
    const { decoded } = await mix([{ sound, firstSample: second }], 3);
    const level = (sample: number) =>
      Math.sqrt(
        decoded.subarray(2 * sample, 2 * sample + 192).reduce((sum, value) => sum + value ** 2, 0) / 192,
      );
    const full = level(second + second / 2);
    expect(level(second - 1000)).toBeLessThan(full / 100);
    expect(level(second + 480) / full).toBeGreaterThan(0.35);
    expect(level(second + 480) / full).toBeLessThan(0.7);
    expect(level(second + 1000) / full).toBeGreaterThan(0.95);
    expect(level(2 * second - 1100) / full).toBeGreaterThan(0.95);
    expect(level(2 * second + 1000)).toBeLessThan(full / 100);
  });

  it("refuses a sound outside the film and a file that ends too early", async () => {
    const sound = await writeSound(path.join(folder, "short.f32"), voice(1, 200, 0.3));
    await expect(mix([{ sound, firstSample: 2 * second + 1 }], 3)).rejects.toMatchObject({
      code: "sound-outside-film",
    });
    const longer = { ...sound, sampleCount: sound.sampleCount + 1 };
    await expect(mix([{ sound: longer, firstSample: 0 }], 3)).rejects.toMatchObject({
      code: "sound-file-short",
    });
  });
});

it("leaves no process behind", async () => {
  await vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain("ProcessWrap"));
});
