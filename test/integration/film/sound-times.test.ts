import { createHash } from "node:crypto";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { describe, expect, it } from "vitest";

import type { SoundAsset } from "../../../dist/media/asset.js";
import { prepareFile } from "../../../dist/assets/prepare-file.js";
import { inspectFilm } from "../../../dist/film/inspection/inspect.js";
import { decodeAacFile } from "../../../dist/media/sound/decode-aac-file.js";
import { readMovie } from "../../../dist/mp4/read-movie.js";
import { placeTones, tonesIn } from "../media/tone-track.js";
import { writeTestMedia, type TestSound } from "../media/write-test-media.js";
import { childOptions, makeTinyFilm, samplesPerFrame } from "./tiny-film.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();

const firstSample = 9 * samplesPerFrame;

/** Writes two tones with a pause between them in the timestamps. */
const track = {
  startSeconds: 0,
  runs: [
    { gapSeconds: 0, beforeSeconds: 0.1, afterSeconds: 0 },
    { gapSeconds: 1.4, beforeSeconds: 0, afterSeconds: 0.5 },
  ],
};

async function prepare(container: string, sound: TestSound, frameSamples: number) {
  const { tones, media } = placeTones(track, frameSamples / (sound.sampleRate ?? 48_000));
  const file = path.join(folder, `${sound.encoder}-${sound.sampleRate}.${container}`);
  await writeTestMedia(file, { container, seconds: media.seconds ?? 0, sound: { ...sound, ...media.sound } });
  const sha256 = createHash("sha256").update(file).digest("hex");
  const own = await mkdtemp(path.join(folder, "prepared-"));
  const { asset } = await prepareFile({ path: file, sha256, folder: own });
  if (asset.kind !== "sound") throw new Error("not taken for a sound");
  return { sound: asset, tones };
}

async function makeFilm(sound: SoundAsset) {
  // The folder is the sound's: the processes that make a film read nothing outside of it.
  return await makeTinyFilm(path.dirname(sound.path), { cues: [{ sound, firstSample }] });
}

async function listen(film: string): Promise<Float32Array> {
  const { tracks } = await readMovie(film);
  const streamIndex = tracks.findIndex(({ handler }) => handler === "soun");
  const pieces: number[] = [];
  for await (const piece of decodeAacFile({ path: film, demuxer: "mov", streamIndex, primingSamples: 0 }))
    for (const value of piece) pieces.push(value);
  return Float32Array.from(pieces);
}

describe("the sound of a finished film", () => {
  it.each([
    ["mp4", { encoder: "aac", sampleRate: 44_100, channels: 2 }, 1024],
    ["matroska", { encoder: "pcm_s16le", format: "s16", sampleRate: 8000, channels: 1 }, 1024],
    ["mp4", { encoder: "aac", sampleRate: 96_000, channels: 6 }, 1024],
  ])(
    "plays each tone of a file (%s, %j) within 10 ms of its time",
    async (container, coding, frameSamples) => {
      const { sound, tones } = await prepare(container, coding, frameSamples);
      const film = await makeFilm(sound);
      await inspectFilm(film.inspection, childOptions(folder));
      const heard = tonesIn(await listen(film.inspection.path));
      expect(heard.length).toBe(tones.length);
      for (const [index, tone] of tones.entries())
        expect(Math.abs((heard[index] ?? 0) - firstSample / 48_000 - tone)).toBeLessThan(0.01);
    },
  );

  it("may fade in and out where there is only room noise", async () => {
    let state = 7;
    const hiss = (): number => ((state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31 - 0.5) * 0.02;
    const file = path.join(folder, "room.wav");
    await writeTestMedia(file, {
      container: "wav",
      seconds: 4,
      sound: { encoder: "pcm_s16le", format: "s16", signal: hiss },
    });
    const own = await mkdtemp(path.join(folder, "prepared-"));
    const { asset } = await prepareFile({ path: file, sha256: "ab".repeat(32), folder: own });
    if (asset.kind !== "sound") throw new Error("not taken for a sound");
    const { inspection } = await makeFilm(asset);
    expect(inspection.plan.cues[0]?.fadeOutSamples).toBeGreaterThan(0.3 * 48_000);
    await expect(inspectFilm(inspection, childOptions(folder))).resolves.toBeDefined();
  });

  /** Inspects a film whose prepared sound has a fault of preparation; everything else is unchanged. */
  async function spoil(change: (samples: Float32Array) => Float32Array): Promise<SoundAsset> {
    const { sound } = await prepare("mp4", { encoder: "aac", sampleRate: 44_100, channels: 2 }, 1024);
    const bytes = await readFile(sound.path);
    const changed = change(new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4));
    const file = path.join(await mkdtemp(path.join(folder, "spoilt-")), "sound.f32");
    await writeFile(file, new Uint8Array(changed.buffer, changed.byteOffset, changed.byteLength));
    return { ...sound, path: file, sampleCount: changed.length / 2 };
  }
  const pauseSample = 2 * 48_000;
  const cutSamples = Math.round(0.26 * 48_000);

  it.each([
    [
      "comes too early after a pause",
      (samples: Float32Array) => {
        const early = samples.slice();
        early.copyWithin(2 * pauseSample, 2 * (pauseSample + cutSamples));
        return early;
      },
      /plays 0\.2\d s too early/,
    ],
    [
      "is lost after a pause",
      (samples: Float32Array) => samples.slice().fill(0, 2 * pauseSample),
      /does not play/,
    ],
    ["ends too early", (samples: Float32Array) => samples.slice(0, 2 * pauseSample), /does not play/],
  ])("is rejected where the prepared sound %s", async (_name, change, reason) => {
    const film = await makeFilm(await spoil(change));
    await expect(inspectFilm(film.inspection, childOptions(folder))).rejects.toMatchObject({
      code: "film-sound-wrong",
      message: expect.stringMatching(reason) as string,
    });
  });
});
