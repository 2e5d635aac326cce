import { writeFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_ERROR } from "node-av/constants";
import { Log } from "node-av/lib";

import type { SoundAsset } from "../../../dist/media/asset.js";
import { inspectSegment } from "../../../dist/film/inspection/inspect-segment.js";
import type { InspectionInput } from "../../../dist/film/inspection/inspect.js";
import type { InspectionPlan } from "../../../dist/film/inspection/inspection-plan.js";
import { thumbnailGrid, toThumbnail } from "../../../dist/film/inspection/thumbnail.js";
import { joinFilm, type JoinInput } from "../../../dist/film/join/join.js";
import { mixSound } from "../../../dist/film/sound/mix.js";
import { createKernel } from "../../../dist/kernel/kernel.js";
import { measureLoudness } from "../../../dist/media/sound/loudness.js";
import { openVideoEncoder } from "../../../dist/media/film-files/video-encoder.js";

// x264 prints its statistics at a lower level.
Log.setLevel(AV_LOG_ERROR);

/** A small real film, made by the real encoder, mixer and joiner from generated pictures and voices. */

const width = 320;
const height = 180;
const fps = 30;
export const samplesPerFrame = 1600;

/** Returns the luma of a frame at a place; chroma is neutral. */
export type Painting = (frame: number, x: number, y: number) => number;

export const drifting: Painting = (frame, x, y) =>
  120 + 60 * Math.sin((x + frame * 0.4) / 7) + 40 * Math.sin((y + frame * 0.2) / 5);

export async function encodeSegment(
  file: string,
  span: { readonly firstFrame: number; readonly frameCount: number },
  paint: Painting,
  change: { readonly width?: number; readonly gopFrames?: number } = {},
): Promise<{ readonly path: string; readonly thumbnails: string; readonly frameCount: number }> {
  const size = { width, height, ...change };
  const kernel = createKernel();
  const seen = kernel.allocateFrame(size.width, height);
  const thumbnails: Uint8Array[] = [];
  const options = { path: file, fps, preset: "veryfast", crf: 20, gopFrames: 60, threads: 1, ...size };
  await using encoder = await openVideoEncoder(options);
  const lumaBytes = size.width * height;
  const picture = new Uint8Array(lumaBytes * 1.5).fill(128, lumaBytes);
  for (let frame = span.firstFrame; frame < span.firstFrame + span.frameCount; frame++) {
    for (let index = 0; index < lumaBytes; index++) {
      picture[index] = paint(frame, index % size.width, Math.floor(index / size.width));
    }
    seen.bytes.set(picture);
    thumbnails.push(toThumbnail(kernel.means(seen, thumbnailGrid({ ...size, height }))));
    await encoder.encode(picture);
  }
  await encoder.finish();
  await writeFile(`${file}.thumbnails`, Buffer.concat(thumbnails));
  return { path: file, thumbnails: `${file}.thumbnails`, frameCount: span.frameCount };
}

/** Bursts of a buzzing tone with pauses, as speech has. @param peak of the loudest burst */
export function voice(seconds: number, hertz: number, peak: number): Float32Array {
  const sound = new Float32Array(2 * Math.round(seconds * 48_000));
  for (let sample = 0; sample < sound.length / 2; sample++) {
    const time = sample / 48_000;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3 * time)) * (0.4 + 0.6 * Math.sin(1.3 * time) ** 2);
    let buzz = 0;
    for (let harmonic = 1; harmonic <= 8; harmonic++)
      buzz += Math.sin(2 * Math.PI * hertz * harmonic * time) / harmonic;
    sound[2 * sample] = sound[2 * sample + 1] = (peak * syllable * buzz) / 2;
  }
  return sound;
}

export async function writeSound(file: string, sound: Float32Array): Promise<SoundAsset> {
  await writeFile(file, new Uint8Array(sound.buffer, sound.byteOffset, sound.byteLength));
  const loudness = await measureLoudness([sound]);
  return { kind: "sound", path: file, sampleCount: sound.length / 2, sha256: "", ...loudness };
}

export interface TinyFilm {
  readonly input: JoinInput;
  readonly inspection: InspectionInput;
}

export function childOptions(folder: string) {
  return { signal: new AbortController().signal, timeoutSeconds: 60, folder };
}

/** Digests of segments that were not painted from layers. */
export const noScenes = { scenes: [], dissolveFrames: 0, fadeFromBlack: null, fadeToBlack: null };

/** Two voices that are easy to distinguish. */
export const tinyCues = [
  { sound: voice(2, 140, 0.3), firstSample: 9 * samplesPerFrame },
  { sound: voice(1.8, 233, 0.2), firstSample: 87 * samplesPerFrame },
];

interface TinyCue {
  /** A generated or a prepared sound. */
  readonly sound: Float32Array | SoundAsset;
  readonly firstSample: number;
}

export async function mixCues(folder: string, cues: readonly TinyCue[]) {
  const assets = [];
  for (const [index, { sound, firstSample }] of cues.entries()) {
    const asset =
      sound instanceof Float32Array
        ? await writeSound(path.join(folder, `voice-${index}.f32`), sound)
        : sound;
    assets.push({ sound: asset, firstSample });
  }
  const input = {
    cues: assets,
    music: null,
    sampleCount: 150 * samplesPerFrame,
    bitsPerSecond: 192_000,
    path: path.join(folder, "sound.aac"),
  };
  const reads = assets.map(({ sound }) => sound.path);
  return { assets, mixed: await mixSound(input, { ...childOptions(folder), reads }) };
}

/** Makes a film of 150 frames: two messages with a voice each, in two segments, with two chapters and one caption. */
export async function makeTinyFilm(
  folder: string,
  { paint = drifting, cues = tinyCues }: { paint?: Painting; cues?: readonly TinyCue[] } = {},
): Promise<TinyFilm> {
  const frameCount = 150;
  const size = { width, height, fps };
  const spans = [
    { firstFrame: 0, frameCount: 67 },
    { firstFrame: 67, frameCount: 83 },
  ];
  const segments = [];
  for (const [index, span] of spans.entries()) {
    const encoded = await encodeSegment(path.join(folder, `segment-${index}.mp4`), span, paint);
    const input = { segment: encoded, plan: { ...size, ...span, ...noScenes }, filmFrame: span.firstFrame };
    segments.push(await inspectSegment(input, childOptions(folder)));
  }
  const { assets, mixed } = await mixCues(folder, cues);
  const chapters = [
    { title: "Ana Müller", firstFrame: 0, frameCount: 70 },
    { title: "عمر", firstFrame: 70, frameCount: 80 },
  ];
  const captions = [{ firstFrame: 30, frameCount: 30, text: "For Ana" }];
  const [title, date] = ["Ana", "2026-02-03"];
  const file = path.join(folder, "film.mp4");
  const input = {
    segments,
    sound: mixed,
    fps,
    chapters,
    captions,
    title,
    date,
    captionLanguage: "deu",
    path: file,
  };
  const { sha256 } = await joinFilm(input, childOptions(folder));

  const ids = ["ana", "omar"];
  const plan: InspectionPlan = {
    ...size,
    frameCount,
    samplesPerFrame,
    title,
    date,
    chapters: chapters.map(({ title: text, ...span }) => ({ ...span, text })),
    captions,
    messages: ids.map((id, index) => ({
      id,
      name: chapters[index]?.title ?? null,
      words: index === 0 ? "For Ana" : null,
      media: ["voice"],
      sounds: assets[index] === undefined ? [] : [assets[index].sound.path],
    })),
    scenes: ids.map((id, index) => ({
      id: `${id}-voice`,
      messageId: id,
      firstFrame: index * 70,
      frameCount: 80,
      shows: ["voice"],
      mayBeBlack: false,
      showsText: true,
    })),
    fades: [],
    cues: assets.map(({ sound, firstSample }, index) => ({
      messageId: ids[index] ?? "",
      path: sound.path,
      firstSample,
      sampleCount: sound.sampleCount,
      isAudible: sound.integratedLufs !== null,
      fadeInSamples: mixed.levels[index]?.fadeInSamples ?? 0,
      fadeOutSamples: mixed.levels[index]?.fadeOutSamples ?? 0,
      fileLevels: sound.fileLevels ?? null,
    })),
    loudness: mixed.target,
  };
  return { input, inspection: { path: file, plan, segments, sha256 } };
}
