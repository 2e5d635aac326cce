/** Child process: decodes a still and makes it as small as the film wants it, and nothing else. */
import sharp from "sharp";

import { serveTask } from "../../dist/process/serve-task.js";

export interface BareStillInput {
  readonly path: string;
  /** Longest side of the result. */
  readonly maxSide: number;
}

sharp.concurrency(1);
sharp.cache(false);

/** Answers with the size of the pixels in bytes; null for what the library cannot decode. */
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
