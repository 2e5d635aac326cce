/**
 * Measures how loud stereo sound at 48 kHz is: integrated loudness by ITU-R BS.1770-5 and EBU R128 (K-weighting, blocks
 * of 400 ms every 100 ms, gates at -70 LUFS and 10 LU under the mean) and true peak. Sound is pushed in pieces of any
 * size; memory grows by 80 bytes per second of sound.
 *
 * The standard has no value for two kinds of recordings. One that is shorter than 400 ms is measured as a single block. For
 * one that is softer than -60 LUFS, whose words are near the fixed gate, the gate is -85 LUFS.
 */
import {
  intersamplePeak,
  intersamplePeakBound,
  samplePeak,
  samplesAfter,
  samplesBefore,
} from "./true-peak.js";

/** LUFS is null when no block is louder than -85 LUFS, dBTP when every sample is zero. */
export interface LoudnessMeasurement {
  readonly integratedLufs: number | null;
  readonly truePeakDbtp: number | null;
}

/** A range of the pushed sound, in samples. */
export interface SoundRange {
  readonly firstSample: number;
  readonly sampleCount: number;
}

export interface LoudnessMeter {
  /** @param interleaved whole samples of both channels: left, right, left, right */
  push(interleaved: Float32Array): void;
  measure(): LoudnessMeasurement;
  /**
   * Integrated loudness of the blocks that are completely within one of the ranges; a shorter range counts as a block.
   * Null for silence.
   */
  integratedWithin(ranges: readonly SoundRange[]): number | null;
  /** Loudness of each whole tenth of a second, in LUFS; -Infinity for silence. */
  tenths(): readonly number[];
}

const samplesPerStep = 4800;
const stepsPerBlock = 4;
const absoluteGateLufs = -70;
/** Absolute gate for sound that is softer than `softLufs`. */
const softGateLufs = -85;
const softLufs = -60;
const relativeGateLu = -10;

/** @param sound pieces of interleaved stereo float32 at 48 kHz, each of whole samples of both channels */
export async function measureLoudness(
  sound: AsyncIterable<Float32Array> | Iterable<Float32Array>,
): Promise<LoudnessMeasurement> {
  const meter = createLoudnessMeter();
  for await (const piece of sound) meter.push(piece);
  return meter.measure();
}

/** @param options without `peaks` the true peak is not measured and is null, which costs less */
export function createLoudnessMeter({ peaks = true } = {}): LoudnessMeter {
  const channels = [createChannel(peaks), createChannel(peaks)] as const;
  const stepEnergies: number[] = [];
  let samplesInStep = 0;

  return {
    push(interleaved) {
      const sampleCount = interleaved.length / 2;
      for (let start = 0; start < sampleCount;) {
        const count = Math.min(samplesPerStep - samplesInStep, sampleCount - start);
        channels[0].push(interleaved, 2 * start, count);
        channels[1].push(interleaved, 2 * start + 1, count);
        start += count;
        samplesInStep += count;
        if (samplesInStep === samplesPerStep) {
          stepEnergies.push(channels[0].resetEnergy() + channels[1].resetEnergy());
          samplesInStep = 0;
        }
      }
    },
    measure() {
      const peak = Math.max(channels[0].peak(), channels[1].peak());
      const isShort = stepEnergies.length < stepsPerBlock;
      const steps = isShort ? [...stepEnergies, channels[0].energy() + channels[1].energy()] : stepEnergies;
      const sampleCount = samplesPerStep * stepEnergies.length + (isShort ? samplesInStep : 0);
      return {
        integratedLufs: integrate(blockPowers(steps, sampleCount)),
        truePeakDbtp: peak === 0 ? null : 20 * Math.log10(peak),
      };
    },
    integratedWithin(ranges) {
      return integrate(
        ranges.flatMap(({ firstSample, sampleCount }) => {
          const first = Math.ceil(firstSample / samplesPerStep);
          const end = Math.floor((firstSample + sampleCount) / samplesPerStep);
          const steps = stepEnergies.slice(first, Math.max(first, end));
          return blockPowers(steps, steps.length * samplesPerStep);
        }),
      );
    },
    tenths: () => stepEnergies.map((energy) => toLufs(energy / samplesPerStep)),
  };
}

/** Weighted power of each block of 400 ms; shorter sound is one block. */
function blockPowers(stepEnergies: readonly number[], sampleCount: number): number[] {
  if (sampleCount < stepsPerBlock * samplesPerStep) {
    return sampleCount === 0 ? [] : [stepEnergies.reduce((sum, energy) => sum + energy, 0) / sampleCount];
  }
  const powers: number[] = [];
  for (let last = stepsPerBlock - 1; last < stepEnergies.length; last++) {
    let energy = 0;
    for (let step = 0; step < stepsPerBlock; step++) energy += stepEnergies[last - step] as number;
    powers.push(energy / (stepsPerBlock * samplesPerStep));
  }
  return powers;
}

function integrate(powers: readonly number[]): number | null {
  const lufs = gatedMean(powers, absoluteGateLufs);
  return lufs === null || lufs < softLufs ? gatedMean(powers, softGateLufs) : lufs;
}

function gatedMean(powers: readonly number[], gateLufs: number): number | null {
  const audible = powers.filter((power) => toLufs(power) > gateLufs);
  if (audible.length === 0) return null;
  const relativeGate = toLufs(mean(audible)) + relativeGateLu;
  return toLufs(mean(audible.filter((power) => toLufs(power) > relativeGate)));
}

function toLufs(power: number): number {
  return -0.691 + 10 * Math.log10(power);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Number of samples for which one bound decides whether a new peak can be among them. */
const searchSamples = 96;

/** Measures one channel: K-weighted energy and true peak. */
function createChannel(withPeak: boolean) {
  const history = samplesBefore + samplesAfter;
  // The last samples of the previous piece, then the piece: peaks are searched with that delay.
  const line = new Float32Array(history + samplesPerStep);
  // States of the two filters of BS.1770-5 annex 1 (transposed direct form II): shelf, then high pass.
  const states = new Float64Array(4);
  let energy = 0;
  let peak = 0;
  let quietSamples = history;

  return {
    push(interleaved: Float32Array, offset: number, count: number): void {
      for (let index = 0; index < count; index++)
        line[history + index] = interleaved[offset + 2 * index] as number;
      const silent = samplePeak(line, history, history + count) === 0;
      // Without input, an inaudible rest in the filters is dropped, which avoids slow denormal numbers.
      if (silent && states.every((state) => Math.abs(state) < 1e-9)) states.fill(0);
      else energy += weightedEnergy(line.subarray(history, history + count), states);
      if (withPeak && !(silent && quietSamples >= history)) searchPeak(samplesBefore, samplesBefore + count);
      quietSamples = silent ? quietSamples + count : 0;
      line.copyWithin(0, count, history + count);
    },
    /** Weighted energy since it was last reset. */
    energy: () => energy,
    resetEnergy(): number {
      const result = energy;
      energy = 0;
      return result;
    },
    peak(): number {
      if (!withPeak) return 0;
      line.fill(0, history);
      searchPeak(samplesBefore, history);
      return peak;
    },
  };

  function searchPeak(from: number, to: number): void {
    for (let start = from; start < to; start += searchSamples) {
      const end = Math.min(start + searchSamples, to);
      if (intersamplePeakBound(line, start, end) <= peak) continue;
      for (let index = start; index < end; index++) peak = Math.max(peak, intersamplePeak(line, index));
    }
  }
}

/** Computes the K-weighted energy. Local variables are faster, and each step runs twice for every sample of every film. */
function weightedEnergy(samples: Float32Array, states: Float64Array): number {
  let [shelf1, shelf2, pass1, pass2] = states as unknown as [number, number, number, number];
  let energy = 0;
  for (let index = 0; index < samples.length; index++) {
    const x = samples[index] as number;
    const y = 1.53512485958697 * x + shelf1;
    shelf1 = -2.69169618940638 * x + 1.69065929318241 * y + shelf2;
    shelf2 = 1.19839281085285 * x - 0.73248077421585 * y;
    const z = y + pass1;
    pass1 = -2 * y + 1.99004745483398 * z + pass2;
    pass2 = y - 0.99007225036621 * z;
    energy += z * z;
  }
  states.set([shelf1, shelf2, pass1, pass2]);
  return energy;
}
