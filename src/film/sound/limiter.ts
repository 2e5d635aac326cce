import {
  intersamplePeak,
  intersamplePeakBound,
  samplesAfter,
  samplesBefore,
} from "../../media/sound/true-peak.js";
import { toFactor } from "./cue-gain.js";
import { sampleRate } from "../../media/sound/sound-format.js";

export interface Limiter {
  /** Number of samples by which the output is late. */
  readonly delaySamples: number;
  /** Limits interleaved stereo at 48 kHz in place; any length of whole sample frames. */
  process(interleaved: Float32Array): void;
}

const lookAheadSamples = 240;
const smoothingSamples = lookAheadSamples / 2;
const releaseSeconds = 0.15;
const releaseShare = 1 - Math.exp(-1 / (releaseSeconds * sampleRate));
/** Number of samples that are searched together for a possible peak. */
const searchSamples = 64;
const blockSamples = 4800;
const delaySamples = lookAheadSamples + samplesAfter;
const historySamples = delaySamples + samplesBefore;

/**
 * A true-peak limiter with 5 ms of look-ahead. The gain that both channels need at each sample is extended as a
 * minimum over the look-ahead, released slowly and smoothed by two running means, so that it is low enough before the
 * peak comes and never jumps. Sound below the ceiling passes unchanged.
 */
export function createLimiter(ceilingDbtp: number): Limiter {
  const ceiling = toFactor(ceilingDbtp);
  const channels = [0, 1].map(() => new Float32Array(historySamples + blockSamples)) as [
    Float32Array,
    Float32Array,
  ];
  const needed = new Float64Array(blockSamples);
  const lowest = createSlidingMinimum(lookAheadSamples + 1);
  const means = [createRunningMean(smoothingSamples), createRunningMean(smoothingSamples)] as const;
  let lastPeak = 0;
  let released = 1;
  let samplesAtRest = Infinity;

  return {
    delaySamples,
    process(interleaved) {
      for (let start = 0; start < interleaved.length; start += 2 * blockSamples) {
        processBlock(interleaved.subarray(start, start + 2 * blockSamples));
      }
    },
  };

  function processBlock(block: Float32Array): void {
    const count = block.length / 2;
    for (const [channel, line] of channels.entries()) {
      for (let index = 0; index < count; index++)
        line[historySamples + index] = block[2 * index + channel] as number;
    }
    const quiet = findNeededGains(count);
    const passes = quiet && samplesAtRest > lookAheadSamples + 2 * smoothingSamples;
    if (passes) samplesAtRest += count;
    else followNeededGains(count);
    for (const [channel, line] of channels.entries()) {
      const late = line.subarray(samplesBefore, samplesBefore + count);
      if (passes)
        for (let index = 0; index < count; index++) block[2 * index + channel] = late[index] as number;
      else {
        for (let index = 0; index < count; index++)
          block[2 * index + channel] = (late[index] as number) * (needed[index] as number);
      }
      line.copyWithin(0, count, historySamples + count);
    }
  }

  /** Fills `needed`, and returns whether it is 1 throughout. */
  function findNeededGains(count: number): boolean {
    let quiet = true;
    const start = historySamples - samplesAfter;
    for (let offset = 0; offset < count; offset += searchSamples) {
      const end = Math.min(offset + searchSamples, count);
      const reach = Math.max(
        intersamplePeakBound(channels[0], start + offset, start + end),
        intersamplePeakBound(channels[1], start + offset, start + end),
      );
      if (reach <= ceiling) {
        needed.fill(1, offset, end);
        // The interval before the first sample may still belong to a peak.
        if (lastPeak > ceiling) needed[offset] = ceiling / lastPeak;
        if (lastPeak > ceiling) quiet = false;
        lastPeak = 0;
        continue;
      }
      for (let index = offset; index < end; index++) {
        const peak = Math.max(
          intersamplePeak(channels[0], start + index),
          intersamplePeak(channels[1], start + index),
        );
        const largest = Math.max(peak, lastPeak);
        needed[index] = largest > ceiling ? ceiling / largest : 1;
        if (largest > ceiling) quiet = false;
        lastPeak = peak;
      }
    }
    return quiet;
  }

  /** Replaces `needed` by the gains of the samples that leave now, `lookAheadSamples` earlier. */
  function followNeededGains(count: number): void {
    for (let index = 0; index < count; index++) {
      const target = lowest.push(needed[index] as number);
      released = target < released ? target : released + (target - released) * releaseShare;
      if (released > 0.99999) released = 1;
      samplesAtRest = released === 1 && target === 1 ? samplesAtRest + 1 : 0;
      needed[index] = means[1].push(means[0].push(released));
    }
  }
}

/** Minimum of the last `length` values; before the first value there are ones. */
function createSlidingMinimum(length: number) {
  const values = new Float64Array(length);
  const positions = new Float64Array(length);
  let position = 0;
  let first = 0;
  let size = 0;
  return {
    push(value: number): number {
      while (size > 0 && (values[(first + size - 1) % length] as number) >= value) size -= 1;
      if (size > 0 && (positions[first] as number) <= position - length) {
        first = (first + 1) % length;
        size -= 1;
      }
      const slot = (first + size) % length;
      values[slot] = value;
      positions[slot] = position;
      size += 1;
      position += 1;
      return values[first] as number;
    },
  };
}

/** Mean of the last `length` values; before the first value there are ones. */
function createRunningMean(length: number) {
  const values = new Float64Array(length).fill(1);
  let slot = 0;
  let sum = length;
  return {
    push(value: number): number {
      sum += value - (values[slot] as number);
      values[slot] = value;
      slot = (slot + 1) % length;
      return sum / length;
    },
  };
}
