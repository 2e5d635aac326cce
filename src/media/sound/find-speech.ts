import type { SoundSpan } from "../asset.js";
import { sampleRate } from "./sound-format.js";

export interface SpeechFinder {
  /** Takes interleaved stereo at 48 kHz, any number of whole sample frames. */
  push(interleaved: Float32Array): void;
  /** Where somebody may be speaking, in order, none touching another. */
  spans(): SoundSpan[];
}

const blockSamples = 960;
/** Voices live between these; wind and rumble below, hiss above. */
const lowestHertz = 200;
const highestHertz = 4000;
/** Silence, whatever else there is: less than the last bit of a recording of 16 bits. Soft speech is speech. */
const silentDb = -95;
/** Speech stands out from the noise of the room by so much, and lies not farther below the loudest of it. */
const aboveNoiseDb = 6;
const belowLoudestDb = 32;
/** Between its words speech falls back by tens of decibels; what never does so is noise: the sea, an engine. */
const minRangeDb = 8;
/**
 * Syllables change the level quickly: over 80 ms voices swing by 8 dB and more on average, music by 3 to 5, surging
 * waves and wind by no more than the noise they are made of, 1.5.
 */
const swingBlocks = 4;
const minSwingDb = 2;
/** Pauses inside a sentence; and a knock, which is nobody's word. */
const pauseBlocks = 20;
const minBlocks = 6;
/** Soft beginnings and ends of words lie below any threshold. */
const marginBlocks = 12;

/**
 * Finds speech by loudness alone: blocks of 20 ms in the band of voices that stand out from what the recording sounds
 * like when nobody speaks, and swing as syllables do. It tells speech from silence, noise and waves, not from music; it is there so that a
 * recogniser is not asked what silence says.
 */
export function createSpeechFinder(): SpeechFinder {
  const levels: number[] = [];
  const band = createVoiceBand();
  let power = 0;
  let held = 0;
  let sampleCount = 0;
  return {
    push(interleaved) {
      for (let index = 0; index < interleaved.length;) {
        const end = Math.min(interleaved.length, index + 2 * (blockSamples - held));
        power = band.addPower(interleaved, index, end, power);
        held += (end - index) / 2;
        sampleCount += (end - index) / 2;
        index = end;
        if (held < blockSamples) continue;
        levels.push(10 * Math.log10(power / blockSamples + 1e-12));
        [power, held] = [0, 0];
      }
    },
    spans: () =>
      widen(loudRuns(levels), levels.length).map(([first, end]) => ({
        firstSample: first * blockSamples,
        endSample: Math.min(end * blockSamples, sampleCount),
      })),
  };
}

const low = 1 - Math.exp((-2 * Math.PI * lowestHertz) / sampleRate);
const high = 1 - Math.exp((-2 * Math.PI * highestHertz) / sampleRate);

/** The power of voices' band in stereo. Local variables, as each step is done for every sample of every sound. */
function createVoiceBand() {
  let [leftSmooth, leftRumble, rightSmooth, rightRumble] = [0, 0, 0, 0];
  return {
    /** Each channel by itself: one that is turned round would cancel the other. @returns `power` and what is added */
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
  const heard = levels.map((level) => Math.max(level, silentDb));
  const swings = heard.slice(swingBlocks).map((level, index) => Math.abs(level - (heard[index] as number)));
  return swings.reduce((sum, swing) => sum + swing, 0) / Math.max(1, swings.length);
}

function widen(runs: readonly Run[], blockCount: number): Run[] {
  const wide = runs.map(([from, end]): Run => [
    Math.max(0, from - marginBlocks),
    Math.min(blockCount, end + marginBlocks),
  ]);
  return joinNear(wide, 0);
}

function joinNear(runs: readonly Run[], most: number): Run[] {
  const joined: Run[] = [];
  for (const [from, end] of runs) {
    const last = joined.at(-1);
    if (last !== undefined && from - last[1] <= most) joined[joined.length - 1] = [last[0], end];
    else joined.push([from, end]);
  }
  return joined;
}
