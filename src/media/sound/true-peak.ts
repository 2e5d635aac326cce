/**
 * Measures the peak of a signal between its samples, which a converter or a decoder really outputs. ITU-R BS.1770-5 annex 2
 * requires at least four-fold oversampling; this interpolates with a Kaiser-windowed sinc of 32 taps.
 */

/** Number of samples that are needed before and after an interval to interpolate in it. */
export const samplesBefore = 15;
export const samplesAfter = 16;

const tapCount = samplesBefore + 1 + samplesAfter;
const kaiserBeta = 8;
const quarter = interpolationTaps(0.25);
const half = interpolationTaps(0.5);
const threeQuarters = interpolationTaps(0.75);
const bounds = [boundOf(quarter, 0.25), boundOf(half, 0.5), boundOf(threeQuarters, 0.75)];
const ofSamples = Math.max(...bounds.map((bound) => bound.ofSamples));
const ofCurvature = Math.max(...bounds.map((bound) => bound.ofCurvature));

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

/**
 * An upper bound of all `intersamplePeak` from `start` up to `end`, so that most ranges need no interpolation. Between two
 * samples a signal differs from the straight line by no more than its curvature allows, which is little except for the
 * highest tones.
 *
 * @param channel must reach as far as for `intersamplePeak`
 */
export function intersamplePeakBound(channel: Float32Array, start: number, end: number): number {
  let sample = 0;
  for (let index = start; index <= end; index++) {
    const magnitude = Math.abs(channel[index] as number);
    if (magnitude > sample) sample = magnitude;
  }
  let curvature = 0;
  let before = channel[start - samplesBefore] as number;
  let here = channel[start - samplesBefore + 1] as number;
  for (let index = start - samplesBefore + 2; index < end + samplesAfter; index++) {
    const after = channel[index] as number;
    const bend = Math.abs(before - 2 * here + after);
    if (bend > curvature) curvature = bend;
    before = here;
    here = after;
  }
  return ofSamples * sample + ofCurvature * curvature;
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

/**
 * Writes an interpolation as the straight line between the two samples in the middle plus a weighted sum of second
 * differences: the weights follow from summing twice from both ends; the remainder in the middle is tiny.
 */
function boundOf(taps: Float64Array, fraction: number): { ofSamples: number; ofCurvature: number } {
  const middle = samplesBefore;
  const weights = new Float64Array(tapCount + 1);
  const at = (tap: number): number => weights[tap] as number;
  for (let tap = 1; tap <= middle; tap++) {
    weights[tap] = (taps[tap - 1] as number) + 2 * at(tap - 1) - (tap > 1 ? at(tap - 2) : 0);
  }
  for (let tap = tapCount - 2; tap > middle; tap--) {
    weights[tap] = (taps[tap + 1] as number) + 2 * at(tap + 1) - at(tap + 2);
  }
  const left = (taps[middle] as number) - (1 - fraction) - (at(middle - 1) - 2 * at(middle) + at(middle + 1));
  const right = (taps[middle + 1] as number) - fraction - (at(middle) - 2 * at(middle + 1) + at(middle + 2));
  return { ofSamples: 1 + Math.abs(left) + Math.abs(right), ofCurvature: sumOfMagnitudes(weights) };
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

function sumOfMagnitudes(values: Float64Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0);
}
