import sharp from "sharp";

import { serveTask } from "../../dist/process/serve-task.js";
import { detailedPhoto } from "./detailed-photo.js";

export interface MakePhotoInput {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  /** Path of the JPEG to write. */
  readonly path: string;
}

serveTask<MakePhotoInput, null>(async ({ seed, width, height, path }) => {
  await sharp(detailedPhoto(seed, width, height), { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .toFile(path);
  return null;
});
