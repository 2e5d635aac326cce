/**
 * Converts light to the picture that an upright phone records: exposure with a soft shoulder, the transfer curve of BT.709,
 * and a rotated picture, with its top at the left.
 */
import { createRandom } from "../../random.js";

export interface ShownSize {
  /** Size of the upright picture; even. */
  readonly width: number;
  readonly height: number;
}

/**
 * @returns a function for pairs of rows, an even one and the one below it, each `width * 3` of exposed red, green and blue.
 *   It writes them to Y, U and V (limited range), tightly packed, `height` wide and `width` high
 */
export function createRecorder(
  size: ShownSize,
): (row: number, exposed: Float32Array, i420: Uint8Array) => void {
  const { width, height } = size;
  const area = width * height;
  const blue = new Float32Array(width / 2);
  const red = new Float32Array(width / 2);
  const random = createRandom(1);
  // This noise hides the bands of a smooth sky in 8 bits. It does not move, so the encoder needs no bits for it.
  const dither = Float32Array.from({ length: ditherSize * ditherSize }, () => (random() + random()) / 2);
  return (row, exposed, i420) => {
    if (row % 2 === 0) {
      blue.fill(0);
      red.fill(0);
    }
    for (let column = 0, i = 0; column < width; column += 1, i += 3) {
      const r = exposed[i] as number;
      const g = exposed[i + 1] as number;
      const b = exposed[i + 2] as number;
      const noise = dither[(row % ditherSize) * ditherSize + (column % ditherSize)] as number;
      i420[(width - 1 - column) * height + row] = 16 + 219 * (0.2126 * r + 0.7152 * g + 0.0722 * b) + noise;
      const pair = column >> 1;
      blue[pair] = (blue[pair] as number) - 0.114572 * r - 0.385428 * g + 0.5 * b;
      red[pair] = (red[pair] as number) + 0.5 * r - 0.454153 * g - 0.045847 * b;
    }
    if (row % 2 === 1) {
      for (let pair = 0; pair < width / 2; pair += 1) {
        const index = area + (width / 2 - 1 - pair) * (height / 2) + (row >> 1);
        i420[index] = 128.5 + 56 * (blue[pair] as number);
        i420[index + area / 4] = 128.5 + 56 * (red[pair] as number);
      }
    }
  };
}

const ditherSize = 128;

/** The curve as a table over the square root of the light, which has most entries for shadows. */
const entries = 4096;
const brightest = 9;
const scale = (entries - 1) / Math.sqrt(brightest);

const curve = Float32Array.from({ length: entries }, (_, i) => {
  const exposed = 1 - Math.exp(-0.95 * (i / scale) ** 2);
  return exposed < 0.018 ? 4.5 * exposed : 1.099 * exposed ** 0.45 - 0.099;
});

/** Converts linear light, where 1 is a bright white, to a displayed value of 0 to 1. */
export function expose(light: number): number {
  return curve[Math.min(entries - 1, Math.sqrt(light) * scale) | 0] as number;
}
