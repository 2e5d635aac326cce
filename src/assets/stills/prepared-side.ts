import { maxWholeAspect } from "../../media/asset.js";

/** Longest side of a prepared photo: more than a film needs at its closest zoom. */
const usualSide = 4096;
const mostLongPixels = usualSide ** 2;
const mostLongSide = 8 * usualSide;

/** How long the longer side of a prepared photo may be, in px: long pictures keep 16.8 megapixels. */
export function preparedSide({ width, height }: { readonly width: number; readonly height: number }): number {
  const [longer, shorter] = [Math.max(width, height), Math.max(1, Math.min(width, height))];
  const shape = longer / shorter;
  if (shape <= maxWholeAspect) return usualSide;
  return Math.min(mostLongSide, Math.floor(Math.sqrt(mostLongPixels * shape)));
}
