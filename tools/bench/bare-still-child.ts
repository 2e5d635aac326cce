/** Child process that only decodes a still and reduces it to the size that a film needs. */
import sharp from "sharp";

import { serveTask } from "../../dist/process/serve-task.js";

export interface BareStillInput {
  readonly path: string;
  /** Longest side of the result. */
  readonly maxSide: number;
}

sharp.concurrency(1);
sharp.cache(false);

/** Returns the size of the pixels in bytes; null for a file that the library cannot decode. */
serveTask<BareStillInput, number | null>(async ({ path, maxSide }) => {
  try {
    const pixels = await sharp(path, { failOn: "error", limitInputPixels: false, sequentialRead: true })
      .autoOrient()
      .resize({ width: maxSide, height: maxSide, fit: "inside", withoutEnlargement: true })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer();
    return pixels.length;
  } catch {
    return null;
  }
});
