/**
 * Raises the sample rate of mono sound with a windowed sinc of 32 samples (Hann).
 *
 * @param toRate not lower than `fromRate`
 */
export function resample(samples: Float32Array, fromRate: number, toRate: number): Float32Array {
  const result = new Float32Array(Math.floor((samples.length * toRate) / fromRate));
  for (let i = 0; i < result.length; i += 1) {
    const position = (i * fromRate) / toRate;
    const middle = Math.floor(position);
    const first = Math.max(0, middle - reach + 1);
    const last = Math.min(samples.length - 1, middle + reach);
    let sum = 0;
    for (let j = first; j <= last; j += 1) sum += (samples[j] as number) * windowedSinc(position - j);
    result[i] = sum;
  }
  return result;
}

const reach = 16;

function windowedSinc(x: number): number {
  if (x === 0) return 1;
  return (Math.sin(Math.PI * x) / (Math.PI * x)) * (0.5 + 0.5 * Math.cos((Math.PI * x) / reach));
}
