import { readSoundFile } from "./sound-file.js";
import { sampleRate } from "./sound-format.js";

/** Sound is compared at 4 kHz, over at most a minute, with a delay of up to 50 ms, because encoders add a delay. */
const samplesPerStep = 12;
const comparedSamples = 60 * sampleRate;
const furthestSteps = 200;
/** Measured: 0.95 and more for one recording in two codecs, 0.1 to 0.6 for two microphones in one room. */
const minCorrelation = 0.8;

/**
 * Whether two prepared sound files contain the same recording, at any level and with any mix. A recording with inverted
 * polarity counts as the same: both together would be silence.
 */
export async function isSameSound(first: string, second: string): Promise<boolean> {
  const [a, b] = [await reduce(first), await reduce(second)];
  for (let steps = -furthestSteps; steps <= furthestSteps; steps++) {
    const from = a.subarray(Math.max(0, steps));
    const to = b.subarray(Math.max(0, -steps));
    const count = Math.min(from.length, to.length);
    const alike = Math.abs(correlate(from.subarray(0, count), to.subarray(0, count)));
    if (alike >= minCorrelation) return true;
  }
  return false;
}

async function reduce(path: string): Promise<Float64Array> {
  const reduced = new Float64Array(comparedSamples / samplesPerStep);
  let sample = 0;
  for await (const piece of readSoundFile(path, { firstSample: 0, sampleCount: comparedSamples })) {
    for (let index = 0; index < piece.length; index += 2) {
      const step = Math.floor(sample / samplesPerStep);
      reduced[step] = (reduced[step] ?? 0) + (piece[index] as number) + (piece[index + 1] as number);
      sample += 1;
    }
  }
  return reduced.subarray(0, Math.floor(sample / samplesPerStep));
}

function correlate(a: Float64Array, b: Float64Array): number {
  let both = 0;
  let ofA = 0;
  let ofB = 0;
  for (let index = 0; index < a.length; index++) {
    const x = a[index] as number;
    const y = b[index] as number;
    both += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return ofA === 0 || ofB === 0 ? 0 : both / Math.sqrt(ofA * ofB);
}
