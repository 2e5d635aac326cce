import {
  AV_SAMPLE_FMT_DBL,
  AV_SAMPLE_FMT_DBLP,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S16,
  AV_SAMPLE_FMT_S16P,
  AV_SAMPLE_FMT_S32,
  AV_SAMPLE_FMT_S32P,
  AV_SAMPLE_FMT_U8,
  AV_SAMPLE_FMT_U8P,
} from "node-av/constants";
import type { Frame } from "node-av/lib";

import { levelsPerSecond, toLevel } from "./sound-levels.js";

/** A decoded frame, with what its file says of it. */
export interface ClaimedFrame {
  readonly frame: Frame;
  /** When it is heard, on the file's clock; null where the file does not say. */
  readonly claimedSeconds: number | null;
  /** Counts the recordings in the file. */
  readonly recording: number;
}

export interface FileLevels {
  hear(piece: ClaimedFrame): void;
  /** A level for each fiftieth of a second: `sound-levels.ts`. They end where the file's clock cannot be believed. */
  levels(): Uint8Array;
}

/** From a larger step back on nobody can say which of two pieces is heard: the clock began again, or they overlap. */
const maxStepBackSeconds = 0.1;

/** Of each channel, about: enough for a level, at a twentieth of the cost. */
const lookedAtPerSecond = 3000;

/** What lies lower is rumble, most of which is taken out of what is heard. */
const lowestHertz = 60;

/** Louder samples are damage, or what is made of damage is softer: `limitSpikes`. */
const loudestSample = 8;

/**
 * Measures how loud a file is at which time by its own timestamps alone, from its samples as they are decoded: apart
 * from all that places, resamples and mixes them, so that what a film makes of them can be held against it.
 *
 * @param startSeconds as `DecodeSoundOptions`
 */
export function createFileLevels(options: {
  readonly startSeconds: number | null;
  readonly maxGapSeconds: number;
}): FileLevels {
  const squares: number[] = [];
  const counts: number[] = [];
  let origin = options.startSeconds;
  let end: number | null = null;
  let recording = 0;
  let isKnown = true;
  const highPasses: HighPass[] = [];

  return {
    hear(piece) {
      if (!isKnown) return;
      const { frame, claimedSeconds: claimed } = piece;
      const isNext = options.startSeconds === null && piece.recording !== recording;
      recording = piece.recording;
      if (isNext && claimed !== null) origin = claimed - (end ?? 0);
      origin ??= claimed ?? 0;
      const seconds: number = claimed === null ? (end ?? 0) : claimed - origin;
      const step: number = seconds - (end ?? 0);
      isKnown = step <= options.maxGapSeconds && (end === null || step >= -maxStepBackSeconds);
      if (!isKnown) return;
      const frameSamples = frame.nbSamples;
      end = seconds + frameSamples / frame.sampleRate;
      const stride = Math.max(1, Math.floor(frame.sampleRate / lookedAtPerSecond));
      const cellsPerSample = levelsPerSecond / frame.sampleRate;
      const firstCell = seconds * levelsPerSecond;
      const kept = Math.exp((-2 * Math.PI * lowestHertz * stride) / frame.sampleRate);
      forEachChannel(frame, (samples, channel, first, apart, unit, zero) => {
        const highPass = (highPasses[channel] ??= createHighPass());
        for (let index = 0; index < frameSamples;) {
          const cell = Math.floor(firstCell + index * cellsPerSample);
          const next = Math.min(frameSamples, Math.ceil((cell + 1 - firstCell) / cellsPerSample));
          let [square, count] = [0, 0];
          for (; index < next || count === 0; index += stride) {
            const value = ((samples[first + index * apart] as number) - zero) * unit;
            count += 1;
            if (!(Math.abs(value) <= loudestSample)) continue;
            const heard = highPass(value, kept);
            square += heard * heard;
          }
          if (cell < 0) continue;
          squares[cell] = (squares[cell] ?? 0) + square;
          counts[cell] = (counts[cell] ?? 0) + count;
        }
      });
    },
    levels() {
      return Uint8Array.from({ length: squares.length }, (_, cell) => {
        const count = counts[cell] ?? 0;
        return count === 0 ? 0 : toLevel((squares[cell] ?? 0) / count);
      });
    },
  };
}

/** @param kept of what came before, from one sample to the next */
type HighPass = (value: number, kept: number) => number;

/** Two filters of first order after each other: 31 dB at a sixth of their cutoff. */
function createHighPass(): HighPass {
  let last: number | null = null;
  let [first, lastFirst, second] = [0, 0, 0];
  return (value, kept) => {
    // What a recording begins with stands still before it.
    first = kept * (first + value - (last ?? value));
    second = kept * (second + first - lastFirst);
    last = value;
    lastFirst = first;
    return second;
  };
}

type Samples = Float32Array | Float64Array | Int16Array | Int32Array | Uint8Array;
type TakeChannel = (
  samples: Samples,
  channel: number,
  first: number,
  step: number,
  unit: number,
  zero: number,
) => void;

/** In the mask of a layout, whose bits are in the order of the channels. */
const lowEffectsBit = 8n;

/** The channel of low effects, which is left out of a mix to stereo; where nobody placed them, that of 5.1 and of 7.1. */
function lowEffectsOf({ channels, channelLayout: { mask } }: Frame): number | null {
  if (mask === 0n) return channels === 6 || channels === 8 ? 3 : null;
  if ((mask & lowEffectsBit) === 0n) return null;
  return [1n, 2n, 4n].filter((bit) => (mask & bit) !== 0n).length;
}

function forEachChannel(frame: Frame, take: TakeChannel): void {
  const kind = sampleKinds.find(({ formats }) => formats.includes(frame.format as number));
  const channels = frame.channels;
  const planes = (channels > 8 ? frame.extendedData : frame.data) ?? [];
  if (kind === undefined) return;
  const { formats, view, unit, zero } = kind;
  const isPlanar = frame.format === formats[1];
  const lowEffects = lowEffectsOf(frame);
  for (let channel = 0; channel < channels; channel += 1) {
    const plane = planes[isPlanar ? channel : 0];
    if (plane === undefined || channel === lowEffects) continue;
    const samples = new view(
      plane.buffer,
      plane.byteOffset,
      Math.floor(plane.byteLength / view.BYTES_PER_ELEMENT),
    );
    const [first, step] = isPlanar ? [0, 1] : [channel, channels];
    if (samples.length < frame.nbSamples * step) continue;
    take(samples, channel, first, step, unit, zero);
  }
}

/** Packed and planar, what their samples are in memory, and what they are to be multiplied by for full scale to be 1. */
const sampleKinds = [
  { formats: [AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_FLTP], view: Float32Array, unit: 1, zero: 0 },
  { formats: [AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_S16P], view: Int16Array, unit: 2 ** -15, zero: 0 },
  { formats: [AV_SAMPLE_FMT_S32, AV_SAMPLE_FMT_S32P], view: Int32Array, unit: 2 ** -31, zero: 0 },
  { formats: [AV_SAMPLE_FMT_DBL, AV_SAMPLE_FMT_DBLP], view: Float64Array, unit: 1, zero: 0 },
  { formats: [AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_U8P], view: Uint8Array, unit: 2 ** -7, zero: 128 },
] as {
  readonly formats: readonly number[];
  readonly view: SampleView;
  readonly unit: number;
  readonly zero: number;
}[];

type SampleView = (new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Samples) & {
  readonly BYTES_PER_ELEMENT: number;
};
