export interface I420Picture {
  readonly width: number;
  readonly height: number;
  /** Y, U and V. */
  readonly planes: readonly Uint8Array[];
  /** Bytes from one row to the next, for each plane. */
  readonly strides: readonly number[];
}

/**
 * Converts BT.709 limited range to full-range RGB (ITU-R BT.709-6, 3.4 and 3.5). Chroma lies on even columns and
 * between rows (left siting) and is interpolated linearly.
 *
 * @returns packed RGB, `width * height * 3` bytes
 */
export function i420ToRgb({ width, height, planes, strides }: I420Picture): Uint8Array {
  const [luma, blueDifference, redDifference] = planes;
  const [lumaStride = 0, chromaStride = 0] = strides;
  if (luma === undefined || blueDifference === undefined || redDifference === undefined) {
    throw new RangeError("A picture has three planes.");
  }
  const rgb = new Uint8ClampedArray(width * height * 3);
  const chromaHeight = height / 2;
  const chromaWidth = width / 2;
  for (let y = 0; y < height; y++) {
    const nearRow = y >> 1;
    const farRow = Math.min(chromaHeight - 1, Math.max(0, nearRow + (y % 2 === 0 ? -1 : 1)));
    const near = nearRow * chromaStride;
    const far = farRow * chromaStride;
    const column = (plane: Uint8Array, x: number): number =>
      0.75 * (plane[near + x] as number) + 0.25 * (plane[far + x] as number);
    for (let x = 0; x < width; x++) {
      const left = x >> 1;
      const right = x % 2 === 0 ? left : Math.min(chromaWidth - 1, left + 1);
      const blue = (column(blueDifference, left) + column(blueDifference, right)) / 2 - 128;
      const red = (column(redDifference, left) + column(redDifference, right)) / 2 - 128;
      const light = (255 / 219) * ((luma[y * lumaStride + x] as number) - 16);
      const target = 3 * (y * width + x);
      rgb[target] = light + redToRed * red;
      rgb[target + 1] = light - blueToGreen * blue - redToGreen * red;
      rgb[target + 2] = light + blueToBlue * blue;
    }
  }
  return new Uint8Array(rgb.buffer);
}

const redShare = 0.2126;
const blueShare = 0.0722;
const greenShare = 1 - redShare - blueShare;
const redToRed = (255 / 224) * 2 * (1 - redShare);
const blueToBlue = (255 / 224) * 2 * (1 - blueShare);
const redToGreen = (redToRed * redShare) / greenShare;
const blueToGreen = (blueToBlue * blueShare) / greenShare;
