import type { Rgb } from "../theme.js";

/** Contrast of words against what is behind them, and of what is no text, that WCAG 2 asks (1.4.3, 1.4.11). */
export const leastContrast = 4.5;
export const leastGraphicContrast = 3;

/** Relative luminance, 0 to 1, of a grey or of one channel as coded, 0 to 1 (sRGB, as WCAG 2 defines it). */
export function linearLight(coded: number): number {
  return coded <= 0.04045 ? coded / 12.92 : ((coded + 0.055) / 1.055) ** 2.4;
}

/** A grey or one channel as coded, 0 to 1, of its light: the way back. */
export function codedLight(linear: number): number {
  return linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055;
}

/** Relative luminance of a colour, 0 to 1. */
export function luminance([red, green, blue]: Rgb): number {
  return (
    0.2126 * linearLight(red / 255) + 0.7152 * linearLight(green / 255) + 0.0722 * linearLight(blue / 255)
  );
}

/** Of two luminances. */
export function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

/** Of two colours. */
export function contrastOf(one: Rgb, other: Rgb): number {
  return contrast(luminance(one), luminance(other));
}

/** As codes are mixed when one picture is laid over another. */
export function mixColours(one: Rgb, other: Rgb, share: number): Rgb {
  const channel = (i: 0 | 1 | 2): number => one[i] + (other[i] - one[i]) * share;
  return [channel(0), channel(1), channel(2)];
}

/** What must stand out from what is behind it, and how much. */
export interface Need {
  readonly colour: Rgb;
  readonly ratio: number;
}

/**
 * How much of some colours may be left when they are mixed into another, so that all needs are met on them.
 * @param into where the needs are met, or nearly: of what cannot be met there, most is asked for that can
 * @param most no more is left anyway
 */
export function greatestShare(
  into: Rgb,
  colours: readonly Rgb[],
  needs: readonly Need[],
  most: number,
): number {
  const asked = needs.map(({ colour, ratio }) => ({
    light: luminance(colour),
    ratio: Math.min(ratio, contrastOf(colour, into)),
  }));
  const holds = (share: number): boolean =>
    colours.every((colour) => {
      const behind = luminance(mixColours(into, colour, share));
      return asked.every(({ light, ratio }) => contrast(light, behind) >= ratio);
    });
  if (holds(most)) return most;
  let [low, high] = [0, most];
  for (let step = 0; step < 10; step += 1) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
