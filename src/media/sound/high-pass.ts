import { sampleRate } from "./sound-format.js";

const cutoffHertz = 20;

/**
 * Removes frequencies under 20 Hz: the direct current of cheap sound cards and the rumble of hands and wind, which are
 * inaudible but take headroom from audible sound. A second-order Butterworth filter by the bilinear transform
 * (Bristow-Johnson, "Audio EQ Cookbook").
 *
 * @returns a function that filters interleaved stereo at 48 kHz in place, piece after piece; no sample may be NaN
 */
export function createHighPass(): (interleaved: Float32Array) => void {
  const angle = (2 * Math.PI * cutoffHertz) / sampleRate;
  const alpha = Math.sin(angle) / Math.SQRT2;
  const b0 = (1 + Math.cos(angle)) / 2 / (1 + alpha);
  const a1 = (-2 * Math.cos(angle)) / (1 + alpha);
  const a2 = (1 - alpha) / (1 + alpha);
  const states = new Float64Array(4);

  return (interleaved) => {
    for (const channel of [0, 1]) {
      let first = states[2 * channel] as number;
      let second = states[2 * channel + 1] as number;
      for (let index = channel; index < interleaved.length; index += 2) {
        const input = interleaved[index] as number;
        const output = b0 * input + first;
        first = -2 * b0 * input - a1 * output + second;
        second = b0 * input - a2 * output;
        interleaved[index] = output;
      }
      // In long silence the state would become denormal numbers, which are slow.
      states[2 * channel] = Math.abs(first) < 1e-15 ? 0 : first;
      states[2 * channel + 1] = Math.abs(second) < 1e-15 ? 0 : second;
    }
  };
}
