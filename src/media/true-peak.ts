/**
 * The peak of a signal between its samples: what a converter or a decoder will really put out. ITU-R BS.1770-5
 * annex 2 asks for at least four-fold oversampling; ours interpolates with a Kaiser-windowed sinc of 32 taps.
 */

/** Samples needed before and after an interval to look into it. */
export const samplesBefore = 15;
export const samplesAfter = 16;

const tapCount = samplesBefore + 1 + samplesAfter;
const kaiserBeta = 8;
const quarter = interpolationTaps(0.25);
const half = interpolationTaps(0.5);
const threeQuarters = interpolationTaps(0.75);

/** No interpolated value is larger than the largest sample in reach times this: most intervals need no looking. */
export const largestOvershoot = Math.max(...[quarter, half, threeQuarters].map(sumOfMagnitudes));

/**
 * The largest magnitude at `index` and at three points between it and the next sample.
 *
 * @param channel one channel; must reach `samplesBefore` samples before `index` and `samplesAfter` after it
 */
export function intersamplePeak(channel: Float32Array, index: number): number {
  let first = 0;
  let second = 0;
  let third = 0;
  const start = index - samplesBefore;
  for (let tap = 0; tap < tapCount; tap++) {
    const value = channel[start + tap] as number;
    first += value * (quarter[tap] as number);
    second += value * (half[tap] as number);
    third += value * (threeQuarters[tap] as number);
  }
  return Math.max(Math.abs(channel[index] as number), Math.abs(first), Math.abs(second), Math.abs(third));
}

/** The largest magnitude of a channel's samples from `start` up to `end`. */
export function samplePeak(channel: Float32Array, start: number, end: number): number {
  let peak = 0;
  for (let index = start; index < end; index++) {
    const magnitude = Math.abs(channel[index] as number);
    if (magnitude > peak) peak = magnitude;
  }
  return peak;
}

function interpolationTaps(fraction: number): Float64Array {
  const taps = new Float64Array(tapCount);
  const reach = tapCount / 2;
  for (let tap = 0; tap < tapCount; tap++) {
    const distance = tap - samplesBefore - fraction;
    const window = bessel(kaiserBeta * Math.sqrt(1 - (distance / reach) ** 2)) / bessel(kaiserBeta);
    taps[tap] = (Math.sin(Math.PI * distance) / (Math.PI * distance)) * window;
  }
  return taps;
}

/** Modified Bessel function of the first kind, order zero: its power series. */
function bessel(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function sumOfMagnitudes(taps: Float64Array): number {
  return taps.reduce((sum, tap) => sum + Math.abs(tap), 0);
}
