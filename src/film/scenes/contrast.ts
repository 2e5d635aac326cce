import type { Rgb } from "../theme.js";

/** Contrast of words against what is behind them that WCAG 2 (1.4.3) asks of text. */
export const leastContrast = 4.5;

/** Relative luminance, 0 to 1, of a grey or of one channel as coded, 0 to 1 (sRGB, as WCAG 2 defines it). */
export function linearLight(coded: number): number {
  return coded <= 0.04045 ? coded / 12.92 : ((coded + 0.055) / 1.055) ** 2.4;
}

/** Relative luminance of a colour, 0 to 1. */
export function luminance([red, green, blue]: Rgb): number {
  return (
    0.2126 * linearLight(red / 255) + 0.7152 * linearLight(green / 255) + 0.0722 * linearLight(blue / 255)
  );
}

export function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

/** The brightest grey, as coded, 0 to 1, on which `type` has the contrast. */
export function brightestBehind(type: Rgb, ratio: number): number {
  const light = (luminance(type) + 0.05) / ratio - 0.05;
  return light <= 0.0031308 ? Math.max(0, light) * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
}
