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

/** A decoded frame with its time in the file. */
export interface ClaimedFrame {
  readonly frame: Frame;
  /** Time on the file's clock; null when the file has none. */
  readonly claimedSeconds: number | null;
  /** Index of the recording in the file. */
  readonly recording: number;
}

export interface FileLevels {
  add(piece: ClaimedFrame): void;
  /** One level for each fiftieth of a second: `sound-levels.ts`. They end where the file's clock becomes implausible. */
  levels(): Uint8Array;
}

/** After a larger step back it is unknown which of two pieces is played: the clock restarted, or they overlap. */
const maxStepBackSeconds = 0.1;

/** Approximate number of samples measured per second of each channel: enough for a level, at a twentieth of the cost. */
const measuredPerSecond = 3000;

/** Lower frequencies are rumble, most of which is removed from prepared sound too. */
const minHertz = 60;

/** Louder samples are damage, which `limitSpikes` makes softer. */
const maxSample = 8;

/**
 * Measures the levels of a file over time, from the decoded samples and their timestamps only. It is independent of the
 * code that places, resamples and mixes sound, so that the sound of the film can be checked against it.
 *
 * @param startSeconds see `DecodeSoundOptions`
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
    add(piece) {
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
      const stride = Math.max(1, Math.floor(frame.sampleRate / measuredPerSecond));
      const cellsPerSample = levelsPerSecond / frame.sampleRate;
      const firstCell = seconds * levelsPerSecond;
      const decay = Math.exp((-2 * Math.PI * minHertz * stride) / frame.sampleRate);
      forEachChannel(frame, (samples, channel, first, apart, unit, zero) => {
        const highPass = (highPasses[channel] ??= createHighPass());
        for (let index = 0; index < frameSamples;) {
          const cell = Math.floor(firstCell + index * cellsPerSample);
          const next = Math.min(frameSamples, Math.ceil((cell + 1 - firstCell) / cellsPerSample));
          let [square, count] = [0, 0];
          for (; index < next || count === 0; index += stride) {
            const value = ((samples[first + index * apart] as number) - zero) * unit;
            count += 1;
            if (!(Math.abs(value) <= maxSample)) continue;
            const filtered = highPass(value, decay);
            square += filtered * filtered;
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

/** @param decay factor by which the state decreases from one sample to the next */
type HighPass = (value: number, decay: number) => number;

/** Two first-order filters in series: 31 dB of attenuation at a sixth of their cutoff. */
function createHighPass(): HighPass {
  let last: number | null = null;
  let [first, lastFirst, second] = [0, 0, 0];
  return (value, decay) => {
    // Before the start of a recording, its first value is assumed.
    first = decay * (first + value - (last ?? value));
    second = decay * (second + first - lastFirst);
    last = value;
    lastFirst = first;
    return second;
  };
}

type Samples = Float32Array | Float64Array | Int16Array | Int32Array | Uint8Array;
type OnChannel = (
  samples: Samples,
  channel: number,
  first: number,
  step: number,
  unit: number,
  zero: number,
) => void;

/** Bit of the low effects in the mask of a layout, whose bits are in the order of the channels. */
const lowEffectsBit = 8n;

/** The channel of low effects, which a mix to stereo leaves out; if positions are unknown, that of 5.1 and of 7.1. */
function lowEffectsOf({ channels, channelLayout: { mask } }: Frame): number | null {
  if (mask === 0n) return channels === 6 || channels === 8 ? 3 : null;
  if ((mask & lowEffectsBit) === 0n) return null;
  return [1n, 2n, 4n].filter((bit) => (mask & bit) !== 0n).length;
}

function forEachChannel(frame: Frame, onChannel: OnChannel): void {
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
    onChannel(samples, channel, first, step, unit, zero);
  }
}

/** Packed and planar format, type of the samples in memory, and factor that makes full scale 1. */
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
