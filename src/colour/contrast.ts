import { contrast, contrastOf, luminance } from "./light.js";
import type { Rgb } from "./rgb.js";

/** Contrast of words against what is behind them, and of what is no text, that WCAG 2 asks (1.4.3, 1.4.11). */
export const minContrast = 4.5;
export const minGraphicContrast = 3;

/** As codes are mixed when one picture is laid over another. */
export function mixColours(one: Rgb, other: Rgb, share: number): Rgb {
  const channel = (i: 0 | 1 | 2): number => one[i] + (other[i] - one[i]) * share;
  return [channel(0), channel(1), channel(2)];
}

/** What must stand out from what is behind it, and how much. */
export interface ContrastNeed {
  readonly colour: Rgb;
  readonly ratio: number;
}

/**
 * How much of some colours may be left when they are mixed into another, so that all needs are met on them.
 * @param into where the needs are met, or nearly: of what cannot be met there, most is asked for that can
 * @param most no more is left anyway
 */
export function maxShare(
  into: Rgb,
  colours: readonly Rgb[],
  needs: readonly ContrastNeed[],
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
