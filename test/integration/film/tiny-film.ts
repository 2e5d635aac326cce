import { writeFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_ERROR } from "node-av/constants";
import { Log } from "node-av/lib";

import type { SoundAsset } from "../../../dist/assets/asset.js";
import type { InspectionPlan } from "../../../dist/film/inspection-plan.js";
import { joinFilm, type JoinInput } from "../../../dist/film/join.js";
import { mixSound } from "../../../dist/film/mix.js";
import { measureLoudness } from "../../../dist/media/loudness.js";
import { openVideoEncoder } from "../../../dist/media/video-encoder.js";

// x264 tells its statistics otherwise.
Log.setLevel(AV_LOG_ERROR);

/** A real film, small: what the real encoder, mixer and joiner make of pictures and voices made here. */

const width = 320;
const height = 180;
const fps = 30;
export const samplesPerFrame = 1600;

/** Luma of a frame by place; chroma is neutral. */
export type Painting = (frame: number, x: number, y: number) => number;

export const drifting: Painting = (frame, x, y) =>
  120 + 60 * Math.sin((x + frame * 0.4) / 7) + 40 * Math.sin((y + frame * 0.2) / 5);

export async function encodeSegment(
  file: string,
  span: { readonly firstFrame: number; readonly frameCount: number },
  paint: Painting,
  change: { readonly width?: number; readonly gopFrames?: number } = {},
): Promise<{ readonly path: string; readonly frameCount: number }> {
  const size = { width, height, ...change };
  const options = { path: file, fps, preset: "veryfast", crf: 20, gopFrames: 60, threads: 1, ...size };
  await using encoder = await openVideoEncoder(options);
  const lumaBytes = size.width * height;
  const picture = new Uint8Array(lumaBytes * 1.5).fill(128, lumaBytes);
  for (let frame = span.firstFrame; frame < span.firstFrame + span.frameCount; frame++) {
    for (let index = 0; index < lumaBytes; index++) {
      picture[index] = paint(frame, index % size.width, Math.floor(index / size.width));
    }
    await encoder.encode(picture);
  }
  await encoder.finish();
  return { path: file, frameCount: span.frameCount };
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
  readonly plan: InspectionPlan;
}

export function childOptions(folder: string) {
  return { signal: new AbortController().signal, timeoutSeconds: 60, folder };
}

/** A film of 150 frames: two segments, two chapters, one caption, one voice. */
export async function makeTinyFilm(
  folder: string,
  { paint = drifting, sound = voice(3, 140, 0.3), firstSample = 30 * samplesPerFrame } = {},
): Promise<TinyFilm> {
  const frameCount = 150;
  const spans = [
    { firstFrame: 0, frameCount: 67 },
    { firstFrame: 67, frameCount: 83 },
  ];
  const segments = [];
  for (const [index, span] of spans.entries()) {
    segments.push(await encodeSegment(path.join(folder, `segment-${index}.mp4`), span, paint));
  }
  const asset = await writeSound(path.join(folder, "voice.f32"), sound);
  const sampleCount = frameCount * samplesPerFrame;
  const mixed = await mixSound(
    { cues: [{ sound: asset, firstSample }], sampleCount, path: path.join(folder, "sound.aac") },
    childOptions(folder),
  );
  const chapters = [
    { title: "Ana Müller", firstFrame: 0, frameCount: 70 },
    { title: "عمر", firstFrame: 70, frameCount: 80 },
  ];
  const input = {
    segments,
    sound: mixed,
    fps,
    chapters,
    captions: [{ firstFrame: 30, frameCount: 60, text: "For Ana" }],
    captionLanguage: "deu",
    title: "Ana",
    date: "2026-02-03",
    path: path.join(folder, "film.mp4"),
  };
  await joinFilm(input, childOptions(folder));
  const plan = {
    width,
    height,
    fps,
    frameCount,
    samplesPerFrame,
    chapters,
    hasCaptions: true,
    blackRanges: [],
    stillRanges: [],
    soundRanges: [{ firstSample, sampleCount: asset.sampleCount }],
    levelled: mixed.levelled,
  };
  return { input, plan };
}
