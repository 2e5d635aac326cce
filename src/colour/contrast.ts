import { contrast, contrastOf, luminance } from "./light.js";
import type { Rgb } from "./rgb.js";

/** Minimum contrast of text, and of graphics, against their background (WCAG 2, 1.4.3 and 1.4.11). */
export const minContrast = 4.5;
export const minGraphicContrast = 3;

/** Mixes coded values, as when one picture is laid over another. */
export function mixColours(one: Rgb, other: Rgb, share: number): Rgb {
  const channel = (i: 0 | 1 | 2): number => one[i] + (other[i] - one[i]) * share;
  return [channel(0), channel(1), channel(2)];
}

/** A colour, and the contrast that it needs against its background. */
export interface ContrastNeed {
  readonly colour: Rgb;
  readonly ratio: number;
}

/**
 * Returns the largest share of some colours in a mix with `into` at which all needs are met.
 *
 * @param into a colour on which the needs are met, or nearly; a contrast that it does not reach is reduced to what it
 *   reaches
 * @param max upper limit of the share
 */
export function maxShare(
  into: Rgb,
  colours: readonly Rgb[],
  needs: readonly ContrastNeed[],
  max: number,
): number {
  const attainable = needs.map(({ colour, ratio }) => ({
    light: luminance(colour),
    ratio: Math.min(ratio, contrastOf(colour, into)),
  }));
  const isMet = (share: number): boolean =>
    colours.every((colour) => {
      const behind = luminance(mixColours(into, colour, share));
      return attainable.every(({ light, ratio }) => contrast(light, behind) >= ratio);
    });
  if (isMet(max)) return max;
  let [low, high] = [0, max];
  for (let step = 0; step < 10; step += 1) {
    const middle = (low + high) / 2;
    if (isMet(middle)) low = middle;
    else high = middle;
  }
  return low;
}
