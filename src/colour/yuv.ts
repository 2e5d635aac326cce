import type { Rgb } from "./rgb.js";

/** Luma and colour differences, coded in BT.709 limited range, unrounded: Y 16 to 235, U and V around 128. */
export type Yuv = readonly [number, number, number];

/** Converts by ITU-R BT.709-6, 3.2 to 3.4. */
export function rgbToYuv([red, green, blue]: Rgb): Yuv {
  const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return [
    16 + (luma * 219) / 255,
    128 + (((blue - luma) / 1.8556) * 224) / 255,
    128 + (((red - luma) / 1.5748) * 224) / 255,
  ];
}

/** Converts YUV to RGB by the same formulas; values outside of the range of RGB are clipped. */
export function yuvToRgb([y, u, v]: Yuv): Rgb {
  const luma = ((y - 16) * 255) / 219;
  const blue = luma + (1.8556 * (u - 128) * 255) / 224;
  const red = luma + (1.5748 * (v - 128) * 255) / 224;
  const green = (luma - 0.2126 * red - 0.0722 * blue) / 0.7152;
  const shown = (code: number): number => Math.min(255, Math.max(0, code));
  return [shown(red), shown(green), shown(blue)];
}
