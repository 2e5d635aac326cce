import { stat } from "node:fs/promises";
import path from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import type { SoundAsset } from "../../../dist/media/asset.js";
import type { SoundLevel } from "../../../dist/film/sound/level-sound.js";
import { ambient, type FilmMusic } from "../../../dist/film/sound/film-music.js";
import { mixSound } from "../../../dist/film/sound/mix.js";
import { decodeAacFile } from "../../../dist/media/sound/decode-aac-file.js";
import { measureLoudness } from "../../../dist/media/sound/loudness.js";
import { runningProcesses } from "../../running-processes.js";
import { childOptions, voice, writeSound } from "./tiny-film.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();

const second = 48_000;

type Cue = { readonly sound: SoundAsset; readonly firstSample: number; readonly level?: SoundLevel };

async function mix(cues: readonly Cue[], seconds: number, music: FilmMusic | null = null) {
  const input = {
    cues,
    music,
    sampleCount: seconds * second,
    bitsPerSecond: 192_000,
    path: path.join(folder, "sound.aac"),
  };
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

/** Makes a tone of 500 Hz that pauses for a fifth of every second, like a speaker. */
function speechLike(seconds: number, speaks = (_time: number) => true): Float32Array {
  const sound = new Float32Array(2 * seconds * second);
  for (let sample = 0; sample < seconds * second; sample++) {
    const time = sample / second;
    const tenth = Math.floor(time * 10) % 10;
    if (!speaks(time) || tenth === 4 || tenth === 5) continue;
    sound[2 * sample] = sound[2 * sample + 1] = 0.25 * Math.cos(2 * Math.PI * 500 * time);
  }
  return sound;
}

function createNoise(amplitude: number): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return amplitude * (state / 2_147_483_647 - 0.5);
  };
}

/** Computes the root mean square from a time on. */
function level(sound: Float32Array, fromSecond: number, seconds = 0.002): number {
  const from = 2 * Math.round(fromSecond * second);
  const piece = sound.subarray(from, from + 2 * Math.round(seconds * second));
  return Math.sqrt(piece.reduce((sum, value) => sum + value ** 2, 0) / piece.length);
}

describe("mixSound", () => {
  it("brings voices of very different levels to one loudness, and the film to -16 LUFS under -1 dBTP", async () => {
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
    expect(mixed.target).toEqual({ lufs: -16, ranges: [{ firstSample: 0, sampleCount: 22 * second }] });
    expect(Math.max(...part(decoded, 10.5, 1).map(Math.abs))).toBeLessThan(1e-4);
  });

  it("keeps speech with high peaks as loud as the rest, with limited peaks", async () => {
    const sound = voice(8, 130, 0.05);
    for (let click = second / 2; click < sound.length / 2; click += second)
      sound[2 * click] = sound[2 * click + 1] = 0.9;
    const peaky = await writeSound(path.join(folder, "peaky.f32"), sound);
    const { mixed, decoded } = await mix([{ sound: peaky, firstSample: 0 }], 8);
    expect(mixed.loudness.integratedLufs).toBeGreaterThan(-16.5);
    expect((await measureLoudness([part(decoded, 0, 8)])).truePeakDbtp).toBeLessThan(-1);
  });

  it("finishes with a film of claps alone, as loud as their peaks allow", async () => {
    const claps = new Float32Array(2 * 10 * second);
    for (let clap = second / 2; clap < 10 * second; clap += 2 * second) {
      for (let sample = 0; sample < 200; sample++) {
        const value = 0.9 * Math.sin(sample) * Math.exp(-sample / 30);
        claps[2 * (clap + sample)] = claps[2 * (clap + sample) + 1] = value;
      }
    }
    const sound = await writeSound(path.join(folder, "claps.f32"), claps);
    const { mixed } = await mix([{ sound, firstSample: 0 }], 10);
    expect(mixed.target?.lufs).toBe(-16);
    expect(mixed.loudness.integratedLufs).toBeLessThan(-17);
    expect(mixed.loudness.truePeakDbtp).toBeLessThan(-1);
    expect(mixed.loudness.truePeakDbtp).toBeGreaterThan(-3.5);
  });

  it.each([
    ["the hiss of a microphone", 0.003],
    ["the noise of a room", 0.015],
  ])("does not amplify %s", async (_, amplitude) => {
    const noise = new Float32Array(2 * 5 * second).map(createNoise(amplitude));
    const sound = await writeSound(path.join(folder, "noise.f32"), noise);
    const { mixed } = await mix([{ sound, firstSample: second }], 7);
    expect(mixed.levels).toMatchObject([{ gainDb: 0, levelled: false }]);
    expect(mixed.target).toBeNull();
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

  it("places a sound on its sample and fades its words within 20 ms", async () => {
    const tone = speechLike(1);
    const sound = await writeSound(path.join(folder, "tone.f32"), tone);
    const { decoded } = await mix([{ sound, firstSample: second }], 3);
    const full = level(decoded, 1.1);
    expect(level(decoded, 1 - 0.02)).toBeLessThan(full / 100);
    expect(level(decoded, 1 + 0.01) / full).toBeGreaterThan(0.35);
    expect(level(decoded, 1 + 0.01) / full).toBeLessThan(0.7);
    expect(level(decoded, 1 + 0.021) / full).toBeGreaterThan(0.95);
    expect(level(decoded, 2 - 0.023) / full).toBeGreaterThan(0.95);
    expect(level(decoded, 2 + 0.02)).toBeLessThan(full / 100);
  });

  it("fades room noise in and out around the words", async () => {
    const tone = speechLike(3, (time) => time > 1 && time < 2);
    const noise = new Float32Array(tone.length).map(createNoise(0.01));
    const sound = await writeSound(
      path.join(folder, "room.f32"),
      tone.map((value, index) => value + (noise[index] as number)),
    );
    const { mixed, decoded } = await mix([{ sound, firstSample: second }], 5);
    expect(mixed.levels[0]).toMatchObject({ fadeInSamples: 0.4 * second, fadeOutSamples: 0.75 * second });
    const room = level(decoded, 1.7);
    expect(level(decoded, 1.1) / room).toBeLessThan(0.35);
    expect(level(decoded, 3.6) / room).toBeLessThan(0.7);
    expect(level(decoded, 3.9) / room).toBeLessThan(0.15);
    expect(level(decoded, 2.1) / level(decoded, 2.9)).toBeCloseTo(1, 1);
  });

  it("does not raise a loud room as far as the soft voice in it would need", async () => {
    const quiet = speechLike(6).map((value) => value * 0.02);
    const noisy = new Float32Array(quiet.length)
      .map(createNoise(0.004))
      .map((value, index) => value + (quiet[index] as number));
    const sounds = [
      await writeSound(path.join(folder, "quiet-room.f32"), quiet),
      await writeSound(path.join(folder, "loud-room.f32"), noisy),
    ] as const;
    const { mixed } = await mix(
      [
        { sound: sounds[0], firstSample: 0 },
        { sound: sounds[1], firstSample: 7 * second },
      ],
      14,
    );
    const left = (index: 0 | 1) =>
      -16 - (sounds[index].integratedLufs ?? 0) - (mixed.levels[index]?.gainDb ?? 0);
    expect(left(0)).toBeCloseTo(0, 0);
    expect(left(1)).toBeGreaterThan(3);
    expect(left(1)).toBeLessThan(6.01);
  });

  it("uses a sound's level where it is already known", async () => {
    const sound = await writeSound(path.join(folder, "known.f32"), speechLike(3));
    const first = await mix([{ sound, firstSample: 0 }], 4);
    const again = await mix([{ sound, firstSample: 0, level: first.mixed.levels[0] as SoundLevel }], 4);
    expect(again.mixed.levels).toEqual(first.mixed.levels);
    expect(again.decoded).toEqual(first.decoded);
    const other = { gainDb: -6, filmLufs: -22, levelled: false, fadeInSamples: 0, fadeOutSamples: 0 };
    const told = await mix([{ sound, firstSample: 0, level: other }], 4);
    expect(told.mixed).toMatchObject({ levels: [other], masterGainDb: 0 });
  });

  it("rejects a sound outside the film and a file that ends too early", async () => {
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

describe("mixSound with music", () => {
  let music: SoundAsset;
  beforeAll(async () => {
    // Dull noise serves as music: equally loud at every moment. Its silent ends are not part of it.
    const noise = new Float32Array(2 * 13 * second).map(createNoise(2));
    for (let index = 2; index < noise.length; index++) {
      noise[index] = 0.9 * (noise[index - 2] as number) + 0.1 * (noise[index] as number);
    }
    music = await writeSound(path.join(folder, "music.f32"), noise.fill(0, 0, second).fill(0, 25 * second));
  });

  it("lowers the music before a voice, keeps it low through the pauses and raises it slowly", async () => {
    const sound = await writeSound(path.join(folder, "over.f32"), speechLike(8));
    const { mixed, decoded } = await mix([{ sound, firstSample: 14 * second }], 36, music);
    const bed = level(decoded, 10, 0.4);
    const musicDbAt = (time: number) => 20 * Math.log10(level(decoded, time, 0.04) / bed);

    const quiet = await measureLoudness([part(decoded, 5, 8)]);
    expect(Math.abs((quiet.integratedLufs ?? 0) + 20)).toBeLessThan(0.5);
    expect(musicDbAt(14 - 0.65)).toBeGreaterThan(-0.7);
    expect(musicDbAt(14 - 0.09)).toBeLessThan(-10);
    for (let pause = 14.48; pause < 22; pause++) expect(Math.abs(musicDbAt(pause) + 11)).toBeLessThan(1);
    expect(musicDbAt(22.25)).toBeLessThan(-10);
    expect(musicDbAt(23)).toBeLessThan(-4);
    expect(musicDbAt(23.85)).toBeGreaterThan(-0.7);

    expect(mixed.target).toEqual({
      lufs: -16,
      ranges: [{ firstSample: 14 * second, sampleCount: 8 * second }],
    });
    const spoken = await measureLoudness([part(decoded, 14, 8)]);
    expect(Math.abs((spoken.integratedLufs ?? 0) + 16)).toBeLessThan(0.5);
    expect(mixed.loudness.truePeakDbtp).toBeLessThan(-1);
  });

  it("plays music without voices at its own level, with fades at both ends, and repeats it without a gap", async () => {
    const { mixed, decoded } = await mix([], 36, music);
    expect(mixed.target).toBeNull();
    expect(Math.abs((mixed.loudness.integratedLufs ?? 0) + 20)).toBeLessThan(1);
    const bed = level(decoded, 5, 0.4);
    for (let time = 4; time < 29; time += 0.25) {
      expect(Math.abs(20 * Math.log10(level(decoded, time, 0.2) / bed))).toBeLessThan(1);
    }
    expect(level(decoded, 0, 0.1) / bed).toBeLessThan(0.02);
    expect(level(decoded, 1.45, 0.1) / bed).toBeCloseTo(0.5, 1);
    expect(level(decoded, 32.95, 0.1) / bed).toBeCloseTo(0.5, 1);
    expect(level(decoded, 35.9, 0.1) / bed).toBeLessThan(0.02);
  });

  it("plays the ambient bed as loud as other music and as far below a voice", async () => {
    const sound = await writeSound(path.join(folder, "over.f32"), speechLike(8));
    const { mixed, decoded } = await mix([{ sound, firstSample: 14 * second }], 36, ambient);
    const alone = await measureLoudness([part(decoded, 4, 9)]);
    expect(Math.abs((alone.integratedLufs ?? 0) + 20)).toBeLessThan(1.5);
    const before = level(decoded, 8, 5);
    let power = 0;
    for (let pause = 14.48; pause < 22; pause++) power += level(decoded, pause, 0.1) ** 2 / 8;
    expect(Math.abs(10 * Math.log10(power / before ** 2) + 11)).toBeLessThan(2.5);
    const spoken = await measureLoudness([part(decoded, 14, 8)]);
    expect(Math.abs((spoken.integratedLufs ?? 0) + 16)).toBeLessThan(0.5);
    expect(mixed.loudness.truePeakDbtp).toBeLessThan(-1);
  });

  it("does not lower the music over a silent clip", async () => {
    const hiss = new Float32Array(2 * 8 * second).map(createNoise(0.003));
    const sound = await writeSound(path.join(folder, "hiss.f32"), hiss);
    const { decoded } = await mix([{ sound, firstSample: 10 * second }], 30, music);
    expect(level(decoded, 14, 0.4) / level(decoded, 7, 0.4)).toBeCloseTo(1, 1);
  });
});

it("mixing sound leaves no process behind", async () => {
  await expect.poll(runningProcesses).toEqual([]);
});
