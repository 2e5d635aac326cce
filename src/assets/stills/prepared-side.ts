import { maxWholeAspect } from "../../media/asset.js";

/** Longer side of a prepared photo in pixels: more than a film needs at the closest zoom. */
const usualSide = 4096;
const maxLongPixels = usualSide ** 2;
const maxLongSide = 8 * usualSide;

/** Maximum of the longer side of a prepared photo in pixels. Long pictures have up to 16.8 megapixels. */
export function preparedSide({ width, height }: { readonly width: number; readonly height: number }): number {
  const [longer, shorter] = [Math.max(width, height), Math.max(1, Math.min(width, height))];
  const shape = longer / shorter;
  if (shape <= maxWholeAspect) return usualSide;
  return Math.min(maxLongSide, Math.floor(Math.sqrt(maxLongPixels * shape)));
}
