/** Synthetic speech of every level, in every ground: what is heard of it in the film. docs/film.md has the table. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import type { SoundAsset } from "../../../dist/media/asset.js";
import { prepareFile } from "../../../dist/assets/prepare-file.js";
import { resample } from "../../../dist/demo/resample.js";
import { speak } from "../../../dist/demo/speak.js";
import { ceilingDbtp, levelSound } from "../../../dist/film/sound/level-sound.js";
import { mixdown } from "../../../dist/film/sound/mixdown.js";
import { openCue } from "../../../dist/film/sound/open-cue.js";
import { createLoudnessMeter, measureLoudness } from "../../../dist/media/sound/loudness.js";
import { type SampleKind, sampleFile } from "./sample-file.js";
import { useFolder } from "../../use-folder.js";

const rate = 48_000;
const folder = useFolder();
let speech: Float32Array;
beforeAll(async () => {
  const spoken = await speak("You taught us how to swim. Thank you for everything.");
  const voice = resample(spoken.samples, spoken.sampleRate, rate);
  speech = new Float32Array(voice.length + rate);
  speech.set(voice, rate / 2);
});

function createNoise(): () => number {
  let state = 7;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return 2 * (state / 2_147_483_647) - 1;
  };
}

/** Noise that falls with pitch as that of rooms and fans does. */
function roomNoise(sampleCount: number): Float32Array {
  const noise = createNoise();
  let dull = 0;
  return new Float32Array(sampleCount).map(() => {
    const value = noise();
    dull += (value - dull) * 0.06;
    return dull + 0.1 * value;
  });
}

/** Sixty echoes within half a second. */
function inRoom(sound: Float32Array): Float32Array {
  const noise = createNoise();
  const heard = sound.slice();
  for (let echo = 0; echo < 60; echo++) {
    const delay = 240 + 5 * echo * echo;
    const gain = (0.35 * Math.exp(-echo / 18) * noise()) / Math.abs(noise() + 1.5);
    for (let index = delay; index < heard.length; index++)
      heard[index] = (heard[index] as number) + gain * (sound[index - delay] as number);
  }
  return heard;
}

function over(ground: Float32Array, sound: Float32Array, decibels: number): Float32Array {
  const power = (samples: Float32Array) => samples.reduce((sum, value) => sum + value * value, 0);
  const gain = Math.sqrt(power(sound) / power(ground)) * 10 ** (-decibels / 20);
  return sound.map((value, index) => value + gain * (ground[index] as number));
}

/** Shared between both sides: as loud as a meter says of the one channel. */
const stereo = (mono: Float32Array) =>
  new Float32Array(2 * mono.length).map((_, index) => Math.SQRT1_2 * (mono[index >> 1] ?? 0));

/** The same sound at another loudness, as a prepared file would be measured. */
async function at(lufs: number, sound: Float32Array): Promise<Float32Array> {
  const { integratedLufs } = await measureLoudness([stereo(sound)]);
  const gain = 10 ** ((lufs - (integratedLufs ?? 0)) / 20);
  return sound.map((value) => gain * value);
}

async function prepare(sound: Float32Array, kind: SampleKind): Promise<SoundAsset> {
  const file = path.join(folder, "voice.wav");
  await writeFile(file, sampleFile(sound, rate, kind));
  const own = await mkdtemp(path.join(folder, "prepared-"));
  const { asset, remarks } = await prepareFile({ path: file, sha256: "0".repeat(64), folder: own });
  expect(remarks).toEqual([]);
  return asset as SoundAsset;
}

/** Plays a sound as the film does: with gain, fades at both ends, and the limiter. */
async function playInFilm(sound: Float32Array, kind: SampleKind = "s24") {
  const asset = await prepare(sound, kind);
  const level = await levelSound(asset);
  const meter = createLoudnessMeter();
  const { path: file, sampleCount } = asset;
  const layers = [openCue({ path: file, sampleCount, firstSample: 0, ...level })];
  for await (const piece of mixdown(layers, { sampleCount, masterGainDb: 0, ceilingDbtp })) meter.push(piece);
  await rm(file);
  return { level, ...meter.measure() };
}

const levels = [-20, -30, -40, -50, -60, -70];
const grounds: readonly (readonly [string, () => Float32Array])[] = [
  ["clean", () => speech],
  ["in a room, noise 30 dB lower", () => over(roomNoise(speech.length), inRoom(speech), 30)],
  ["over noise 10 dB lower", () => over(roomNoise(speech.length), speech, 10)],
  ["over noise as loud", () => over(roomNoise(speech.length), speech, 0)],
  ["noise alone", () => roomNoise(4 * rate)],
];

/** The numbers of a row of the table in the docs. */
async function documented(name: string): Promise<number[]> {
  const text = await readFile(new URL("../../../docs/film.md", import.meta.url), "utf8");
  const row = text.split("\n").find((line) => line.includes(`| ${name} `));
  return (row ?? "").split("|").slice(2, -1).map((cell) => Number(cell.trim().replace("−", "-"))); // prettier-ignore
}

describe("a voice of any level", () => {
  it.each(grounds)("(%s) is as loud in the film as the table in docs/film.md says", async (name, make) => {
    const sound = make();
    const heard: number[] = [];
    for (const lufs of levels) {
      const { integratedLufs, truePeakDbtp, level } = await playInFilm(await at(lufs, sound));
      heard.push(Number((integratedLufs ?? Number.NaN).toFixed(1)));
      expect(truePeakDbtp).toBeLessThan(ceilingDbtp + 0.1);
      expect(Math.abs((level.filmLufs ?? 0) - (integratedLufs ?? 99))).toBeLessThan(1.5);
      expect(level.levelled).toBe(name !== "noise alone" || lufs > -36);
    }
    const expected = await documented(name);
    expect(expected, `docs/film.md: | ${name} | ${heard.join(" | ")} |`).toHaveLength(levels.length);
    for (const [index, value] of expected.entries())
      expect(Math.abs((heard[index] ?? 0) - value), heard.join(" | ")).toBeLessThan(0.3);
  });

  it.each([
    ["8 bits", "u8", -40],
    ["16 bits", "s16", -68],
    ["24 bits", "s24", -70],
    ["numbers with a point", "f32", -70],
    ["numbers with a point, 10 dB over full scale", "f32", 0],
    ["numbers with a point, 30 dB over full scale", "f32", 20],
    ["numbers with a point that were integers", "f32", 70],
  ] as const)("in samples of %s is brought to -16 LUFS", async (_, kind, lufs) => {
    const { integratedLufs, level } = await playInFilm(await at(lufs, speech), kind);
    expect(Math.abs((integratedLufs ?? 0) + 16)).toBeLessThan(0.5);
    expect(Math.abs(level.gainDb - (-16 - lufs))).toBeLessThan(1.5);
  });

  it("keeps sound that is louder than full scale", async () => {
    const asset = await prepare(await at(20, speech), "f32");
    const bytes = await readFile(asset.path);
    const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const loudest = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(loudest).toBeGreaterThan(30);
    expect(asset.truePeakDbtp).toBeGreaterThan(30);
    await rm(asset.path);
  });

  it.each([
    [0.2, -30],
    [0.3, -41],
    [0.35, -60],
    [0.7, -55],
  ])("of %s s at %s LUFS is normalised to -16 LUFS, with sharp edges", async (seconds, lufs) => {
    const tone = new Float32Array(seconds * rate).map(
      (_, index) => 0.1 * Math.sin((2 * Math.PI * 1000 * index) / rate),
    );
    const word = speech.slice(0.62 * rate, (0.62 + seconds) * rate);
    for (const sound of [tone, word]) {
      const { integratedLufs, level } = await playInFilm(await at(lufs, sound));
      expect(Math.abs((integratedLufs ?? 0) + 16)).toBeLessThan(1.5);
      expect(level).toMatchObject({ levelled: true });
      expect(level.fadeInSamples).toBeLessThan(0.1 * rate);
    }
    const { level } = await playInFilm(await at(lufs - 10, roomNoise(seconds * rate)));
    expect(level.levelled).toBe(false);
  });
});
