/**
 * Converts the RGB of photos and canvases to planar YUV 4:2:0 in BT.709 limited range, in which films are painted.
 *
 * Chroma is sited to the left (MPEG-2, H.264 `chroma_sample_loc_type` 0), as players assume without a tag: a chroma
 * sample lies on an even luma column, half way between two luma rows. It is averaged over three columns with weights
 * 1, 2, 1 and over two rows, with repeated edges. The resampler preserves the same siting.
 */

import { createKernel } from "../../../kernel/kernel.js";

/**
 * @param rgb `width * height * 3` bytes, rows top to bottom
 * @param width even
 * @param height even
 * @returns a picture file's bytes: Y, U and V, tightly packed
 */
export function rgbToI420(rgb: Uint8Array, width: number, height: number): Uint8Array {
  return createKernel().rgbToI420(rgb, width, height);
}

/** Coefficients of ITU-R BT.709 in 1/65536, rounded so that greys have no colour and white is exactly 235. */
const fraction = 16;
const luma = { red: 11_966, green: 40_254, blue: 4_064 };
const blueness = { red: -6_596, green: -22_188, blue: 28_784 };
const redness = { red: 28_784, green: -26_145, blue: -2_639 };
const half = 1 << (fraction - 1);

/**
 * @param rgba `width * height * 4` bytes, not premultiplied, as `getImageData` of a canvas gives them
 * @param width even
 * @param height even
 * @returns an overlay file's bytes: Y, U, V, alpha, alpha of the chroma samples
 */
export function rgbaToOverlay(
  rgba: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
): Uint8Array {
  requireEven(width, height);
  const area = width * height;
  const overlay = new Uint8Array((area * 11) / 4);
  const u = overlay.subarray(area, (area * 5) / 4);
  const v = overlay.subarray((area * 5) / 4, (area * 3) / 2);
  const alpha = overlay.subarray((area * 3) / 2, (area * 5) / 2);
  const chromaAlpha = overlay.subarray((area * 5) / 2);
  for (let i = 0, j = 0; i < area; i += 1, j += 4) {
    overlay[i] = toLuma(at(rgba, j), at(rgba, j + 1), at(rgba, j + 2));
    alpha[i] = at(rgba, j + 3);
  }
  forEachChromaSample(width, height, (index, pixels) => {
    let [red, green, blue, cover] = [0, 0, 0, 0];
    for (let k = 0; k < 6; k += 1) {
      const pixel = at(pixels, k) * 4;
      const weight = at(siteWeights, k) * at(rgba, pixel + 3);
      red += weight * at(rgba, pixel);
      green += weight * at(rgba, pixel + 1);
      blue += weight * at(rgba, pixel + 2);
      cover += weight;
    }
    chromaAlpha[index] = (cover + 4) >> 3;
    u[index] = cover === 0 ? 128 : toChroma(blueness, red, green, blue, cover);
    v[index] = cover === 0 ? 128 : toChroma(redness, red, green, blue, cover);
  });
  return overlay;
}

type Weights = typeof luma;

/** Weights of the pixels under a chroma sample: columns 2x - 1, 2x, 2x + 1 of two rows. */
const siteWeights = Uint8Array.of(1, 2, 1, 1, 2, 1);

/** Calls back with the six pixel indices under each chroma sample, in the order of `siteWeights`. */
function forEachChromaSample(
  width: number,
  height: number,
  visit: (index: number, pixels: Uint32Array) => void,
): void {
  const pixels = new Uint32Array(6);
  let index = 0;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const top = y * width + x;
      const left = x === 0 ? 0 : 1;
      pixels[0] = top - left;
      pixels[1] = top;
      pixels[2] = top + 1;
      pixels[3] = top + width - left;
      pixels[4] = top + width;
      pixels[5] = top + width + 1;
      visit(index, pixels);
      index += 1;
    }
  }
}

function toLuma(red: number, green: number, blue: number): number {
  return 16 + ((luma.red * red + luma.green * green + luma.blue * blue + half) >> fraction);
}

/** Converts sums over weighted pixels; the result is rounded once. */
function toChroma(weights: Weights, red: number, green: number, blue: number, sum: number): number {
  const scaled = (weights.red * red + weights.green * green + weights.blue * blue) / (sum * 65_536);
  return 128 + Math.floor(scaled + 0.5);
}

function requireEven(width: number, height: number): void {
  if (width % 2 !== 0 || height % 2 !== 0 || width <= 0 || height <= 0) {
    throw new RangeError(`A picture of ${width} by ${height} pixels cannot be painted: both must be even.`);
  }
}

/** Indexed access that `noUncheckedIndexedAccess` accepts; indices here are in range by construction. */
function at(values: Uint8Array | Uint8ClampedArray | Uint32Array, index: number): number {
  return values[index] as number;
}
