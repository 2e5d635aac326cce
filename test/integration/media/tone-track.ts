/** Sound in which short tones show what became of its times. */
import { readFile } from "node:fs/promises";

import type { TestMedia, TestSound } from "./write-test-media.js";

/** The tones of a track, and the gaps in its timestamps. */
export interface ToneTrack {
  /** When the sound begins, in seconds of the file's clock. */
  readonly startSeconds: number;
  /** Runs of sound without a gap: how much silence comes before and after the tone, and the gap before the run. */
  readonly runs: readonly ToneRun[];
}

export interface ToneRun {
  readonly gapSeconds: number;
  readonly beforeSeconds: number;
  readonly afterSeconds: number;
}

const toneSeconds = 0.16;
/** The distance from a gap at which no tone leaks into it: two AAC frames at 8 kHz, the longest ones. */
const marginSeconds = 0.3;

/** The times of the tones in seconds of the file's clock. Gaps are between frames of the encoder. */
export interface ToneTimes {
  readonly tones: readonly number[];
  readonly media: Pick<TestMedia, "seconds"> & { readonly sound: Partial<TestSound> };
}

/** @param frameSeconds the encoder's frames: a gap begins with one */
export function placeTones({ startSeconds, runs }: ToneTrack, frameSeconds: number): ToneTimes {
  const encoded: number[] = [];
  const gaps: { readonly at: number; readonly seconds: number }[] = [];
  const tones: number[] = [];
  let at = 0;
  let late = 0;
  for (const [index, { gapSeconds, beforeSeconds, afterSeconds }] of runs.entries()) {
    if (index > 0 && gapSeconds > 0) {
      at = Math.ceil(at / frameSeconds) * frameSeconds;
      gaps.push({ at: at - frameSeconds / 2, seconds: gapSeconds });
      late += gapSeconds;
    }
    const tone = at + marginSeconds + beforeSeconds;
    encoded.push(tone);
    tones.push(startSeconds + tone + late);
    at = tone + toneSeconds + afterSeconds + marginSeconds;
  }
  const sound = {
    delaySeconds: startSeconds,
    signal: (seconds: number) =>
      encoded.some((tone) => seconds >= tone && seconds < tone + toneSeconds)
        ? 0.5 * Math.sin(2 * Math.PI * 1000 * seconds)
        : 0,
    gapSeconds: (seconds: number) =>
      gaps.reduce((sum, gap) => (gap.at <= seconds ? sum + gap.seconds : sum), 0),
  };
  return { tones, media: { seconds: at, sound } };
}

const stepSamples = 48;

/**
 * When tones begin in sound that a film can use.
 *
 * @param file headerless stereo float32 at 48 kHz
 */
export async function findTones(
  file: string,
): Promise<{ readonly tones: readonly number[]; readonly seconds: number }> {
  const bytes = await readFile(file);
  const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  return { tones: tonesIn(samples), seconds: samples.length / 2 / 48_000 };
}

/** @param interleaved stereo at 48 kHz */
export function tonesIn(interleaved: Float32Array): readonly number[] {
  const levels: number[] = [];
  for (let at = 0; at + 4 * stepSamples <= interleaved.length / 2; at += stepSamples) {
    let sum = 0;
    for (let index = at; index < at + 4 * stepSamples; index += 1)
      sum += (interleaved[2 * index] as number) ** 2;
    levels.push(Math.sqrt(sum / (4 * stepSamples)));
  }
  const enough = 0.4 * levels.reduce((most, level) => Math.max(most, level), 0);
  const tones: number[] = [];
  let lastLoud = -Infinity;
  for (const [index, level] of levels.entries()) {
    if (level < enough || enough === 0) continue;
    // A window is half full when the tone begins in its middle.
    if (index - lastLoud > 50) tones.push(((index + 2) * stepSamples) / 48_000);
    lastLoud = index;
  }
  return tones;
}
