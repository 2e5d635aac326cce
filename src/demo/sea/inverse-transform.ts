/**
 * Creates an inverse Fourier transform of a square of complex numbers, in place and without scaling: the radix-2 algorithm
 * of Cooley and Tukey (1965) over rows, then over columns.
 *
 * @param size points on a side, a power of two
 * @returns a function for the real and the imaginary parts, `size * size` each, row by row
 */
export function createInverseTransform(size: number): (real: Float64Array, imaginary: Float64Array) => void {
  const swaps = bitReversals(size);
  const cos = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size));
  const sin = Float64Array.from({ length: size / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / size));

  /** Transforms one line of points that are `step` apart. */
  const transformLine = (real: Float64Array, imaginary: Float64Array, first: number, step: number): void => {
    for (let i = 0; i < size; i += 1) {
      const j = swaps[i] as number;
      if (j > i) {
        swap(real, first + i * step, first + j * step);
        swap(imaginary, first + i * step, first + j * step);
      }
    }
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let i = 0; i < half; i += 1) {
          const low = first + (start + i) * step;
          const high = low + half * step;
          const c = cos[i * stride] as number;
          const s = sin[i * stride] as number;
          const re = (real[high] as number) * c - (imaginary[high] as number) * s;
          const im = (real[high] as number) * s + (imaginary[high] as number) * c;
          real[high] = (real[low] as number) - re;
          imaginary[high] = (imaginary[low] as number) - im;
          real[low] = (real[low] as number) + re;
          imaginary[low] = (imaginary[low] as number) + im;
        }
      }
    }
  };
  return (real, imaginary) => {
    for (let line = 0; line < size; line += 1) transformLine(real, imaginary, line * size, 1);
    for (let line = 0; line < size; line += 1) transformLine(real, imaginary, line, size);
  };
}

function bitReversals(size: number): Uint32Array {
  const bits = Math.log2(size);
  return Uint32Array.from({ length: size }, (_, i) => {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit += 1) reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
    return reversed;
  });
}

function swap(values: Float64Array, i: number, j: number): void {
  const value = values[i] as number;
  values[i] = values[j] as number;
  values[j] = value;
}
