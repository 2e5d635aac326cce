import { readFile } from "node:fs/promises";

import sharp from "sharp";

import type { Box } from "../../model/box.js";
import type { PhotoAsset } from "../../../media/asset.js";

// One scene is drawn at a time, in one of several processes, so sharp needs no threads of its own and no cache.
sharp.concurrency(1);
sharp.cache(false);

/** A photo in memory while its scene is drawn. */
export interface PhotoPixels {
  readonly asset: PhotoAsset;
  /** @returns RGB of a part of the photo (in its px), at another size */
  resize(part: Box, width: number, height: number): Promise<Uint8Array>;
  /** @returns RGB of a few pixels, cropped around the photo's middle */
  shrink(columns: number, rows: number): Promise<Uint8Array>;
}

export async function loadPhotoPixels(asset: PhotoAsset): Promise<PhotoPixels> {
  const rgb = await readFile(asset.path);
  const input = { raw: { width: asset.width, height: asset.height, channels: 3 as const } };
  return {
    asset,
    async resize(part, width, height) {
      return await sharp(rgb, input)
        .extract({ left: part.x, top: part.y, width: part.width, height: part.height })
        .resize(width, height, { fit: "fill", kernel: "lanczos3" })
        .raw()
        .toBuffer();
    },
    async shrink(columns, rows) {
      return await sharp(rgb, input)
        .resize(columns, rows, { fit: "cover", kernel: "linear" })
        .raw()
        .toBuffer();
    },
  };
}
