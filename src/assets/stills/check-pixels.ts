import { KeepsakeError } from "../../errors.js";

/**
 * Checks the size of a picture before it is decoded.
 *
 * @throws KeepsakeError `media-limit-exceeded`, `media-damaged` for a picture without a size
 */
export function checkPixels(width: number, height: number, maxPixels: number): void {
  if (width * height > maxPixels) {
    throw new KeepsakeError(
      "media-limit-exceeded",
      `The photo has ${width} × ${height} pixels, which is too large.`,
    );
  }
  if (width * height === 0) throw new KeepsakeError("media-damaged", "The photo is damaged: it has no size.");
}
