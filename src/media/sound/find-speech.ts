import type { SoundSpan } from "../asset.js";
import { sampleRate } from "./sound-format.js";

export interface SpeechFinder {
  /** @param interleaved stereo at 48 kHz, any number of whole samples of both channels */
  push(interleaved: Float32Array): void;
  /** Returns the ranges in which someone may be speaking, in order and apart from each other. */
  spans(): SoundSpan[];
}

const blockSamples = 960;
/** Voices are between these frequencies; wind and rumble are below, hiss is above. */
const minHertz = 200;
const maxHertz = 4000;
/** Silence at any rate: less than the last bit of a recording of 16 bits. Soft speech is louder. */
const silentDb = -95;
/** Speech is at least this much louder than the noise of the room, and at most this much softer than the loudest speech. */
const aboveNoiseDb = 6;
const belowLoudestDb = 32;
/** Smallest range of levels of speech. Speech falls by tens of decibels between words; noise (sea, engine) never does. */
const minRangeDb = 8;
/**
 * Syllables change the level quickly: over 80 ms voices swing by 8 dB and more on average, music by 3 to 5, surging
 * waves and wind by no more than the noise they are made of, 1.5.
 */
const swingBlocks = 4;
const minSwingDb = 2;
/** Longest pause inside a sentence, and shortest speech: a knock is shorter. */
const pauseBlocks = 20;
const minBlocks = 6;
/** Margin around speech, because soft beginnings and ends of words are below any threshold. */
const marginBlocks = 12;

/**
 * Finds speech by loudness only: blocks of 20 ms that are louder in the band of voices than the recording without speech,
 * and whose level changes as quickly as with syllables. It distinguishes speech from silence, noise and waves, but not from
 * music. So the recogniser does not process silence, for which it would make up words.
 */
export function createSpeechFinder(): SpeechFinder {
  const levels: number[] = [];
  const band = createVoiceBand();
  let power = 0;
  let bufferedCount = 0;
  let sampleCount = 0;
  return {
    push(interleaved) {
      for (let index = 0; index < interleaved.length;) {
        const end = Math.min(interleaved.length, index + 2 * (blockSamples - bufferedCount));
        power = band.addPower(interleaved, index, end, power);
        bufferedCount += (end - index) / 2;
        sampleCount += (end - index) / 2;
        index = end;
        if (bufferedCount < blockSamples) continue;
        levels.push(10 * Math.log10(power / blockSamples + 1e-12));
        [power, bufferedCount] = [0, 0];
      }
    },
    spans: () =>
      widen(loudRuns(levels), levels.length).map(([first, end]) => ({
        firstSample: first * blockSamples,
        endSample: Math.min(end * blockSamples, sampleCount),
      })),
  };
}

const low = 1 - Math.exp((-2 * Math.PI * minHertz) / sampleRate);
const high = 1 - Math.exp((-2 * Math.PI * maxHertz) / sampleRate);

/** Measures the power in the band of voices, in stereo. Local variables are faster, and each step runs for every sample. */
function createVoiceBand() {
  let [leftSmooth, leftRumble, rightSmooth, rightRumble] = [0, 0, 0, 0];
  return {
    /** Adds each channel separately, because channels of opposite polarity would cancel. @returns the new `power` */
    addPower(interleaved: Float32Array, first: number, end: number, power: number): number {
      let sum = power;
      let [smooth0, rumble0, smooth1, rumble1] = [leftSmooth, leftRumble, rightSmooth, rightRumble];
      for (let index = first; index < end; index += 2) {
        smooth0 += ((interleaved[index] as number) - smooth0) * high;
        rumble0 += (smooth0 - rumble0) * low;
        const left = smooth0 - rumble0;
        sum += (left * left) / 2;
        smooth1 += ((interleaved[index + 1] as number) - smooth1) * high;
        rumble1 += (smooth1 - rumble1) * low;
        const right = smooth1 - rumble1;
        sum += (right * right) / 2;
      }
      [leftSmooth, leftRumble, rightSmooth, rightRumble] = [smooth0, rumble0, smooth1, rumble1];
      return sum;
    },
  };
}

type Run = readonly [first: number, end: number];

function loudRuns(levels: readonly number[]): Run[] {
  const sorted = levels.toSorted((a, b) => a - b);
  const quiet = sorted[Math.floor(sorted.length * 0.1)] ?? silentDb;
  const loud = sorted[Math.floor(sorted.length * 0.95)] ?? silentDb;
  if (loud - quiet < minRangeDb) return [];
  const threshold = Math.max(silentDb, quiet + aboveNoiseDb, loud - belowLoudestDb);
  const runs: Run[] = [];
  let first = -1;
  for (const [index, level] of [...levels, -Infinity].entries()) {
    if (level >= threshold && first === -1) first = index;
    if (level >= threshold || first === -1) continue;
    runs.push([first, index]);
    first = -1;
  }
  return joinNear(runs, pauseBlocks).filter(
    ([from, end]) => end - from >= minBlocks && swingOf(levels.slice(from, end)) >= minSwingDb,
  );
}

function swingOf(levels: readonly number[]): number {
  const clamped = levels.map((level) => Math.max(level, silentDb));
  const swings = clamped
    .slice(swingBlocks)
    .map((level, index) => Math.abs(level - (clamped[index] as number)));
  return swings.reduce((sum, swing) => sum + swing, 0) / Math.max(1, swings.length);
}

function widen(runs: readonly Run[], blockCount: number): Run[] {
  const wide = runs.map(([from, end]): Run => [
    Math.max(0, from - marginBlocks),
    Math.min(blockCount, end + marginBlocks),
  ]);
  return joinNear(wide, 0);
}

function joinNear(runs: readonly Run[], maxGap: number): Run[] {
  const joined: Run[] = [];
  for (const [from, end] of runs) {
    const last = joined.at(-1);
    if (last !== undefined && from - last[1] <= maxGap) joined[joined.length - 1] = [last[0], end];
    else joined.push([from, end]);
  }
  return joined;
}
