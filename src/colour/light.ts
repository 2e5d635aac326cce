import type { Rgb } from "./rgb.js";

/** Converts a code to the light of one channel, both 0 to 1: IEC 61966-2-1. */
export function linearLight(coded: number): number {
  return coded <= 0.04045 ? coded / 12.92 : ((coded + 0.055) / 1.055) ** 2.4;
}

/** Converts the light of one channel to its code, both 0 to 1. */
export function codedLight(linear: number): number {
  return linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055;
}

/** Relative luminance of a colour, 0 to 1, as WCAG 2 defines it. */
export function luminance([red, green, blue]: Rgb): number {
  return (
    0.2126 * linearLight(red / 255) + 0.7152 * linearLight(green / 255) + 0.0722 * linearLight(blue / 255)
  );
}

/** Contrast of two luminances, 1 to 21, as WCAG 2 defines it. */
export function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

/** Contrast of two colours, 1 to 21. */
export function contrastOf(one: Rgb, other: Rgb): number {
  return contrast(luminance(one), luminance(other));
}
