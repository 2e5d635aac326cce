import { rm, stat } from "node:fs/promises";

import type { DiskCache } from "../cache/disk-cache.js";
import { KeepsakeError } from "../errors.js";
import { sideBySide } from "../side-by-side.js";
import type { DevelopPhotos, PhotoAsset } from "./asset.js";
import { dropPrepared } from "./kept-preparation.js";
import { originalPath, prepareAsset } from "./prepare-asset.js";

interface DarkroomOptions {
  /** Where the media of a film lie. */
  readonly folder: string;
  readonly cache: DiskCache;
  /** Child processes at once. */
  readonly concurrency: number;
}

/**
 * Decodes photos whose facts were known before, from the originals in the film's folder.
 *
 * The function throws KeepsakeError `preparation-differs` when a photo is not what was known of it: that is forgotten, and the
 *   next attempt finds out anew
 */
export function createDarkroom({ folder, cache, concurrency }: DarkroomOptions): DevelopPhotos {
  return async (photos, signal) => {
    const each = [...new Map(photos.map((photo) => [photo.sha256, photo])).values()];
    await sideBySide(each, concurrency, signal, async (photo, stop) => {
      if (!(await exists(photo.path))) await develop(photo, stop);
    });
  };

  async function develop(photo: PhotoAsset, signal: AbortSignal): Promise<void> {
    const { sha256 } = photo;
    const original = originalPath(folder, sha256);
    const { size } = await stat(original);
    try {
      const { asset } = await prepareAsset({ path: original, sha256, folder }, { sizeBytes: size, signal });
      if (JSON.stringify(asset) !== JSON.stringify(photo)) throw new TypeError("Other facts than before.");
    } catch (error) {
      signal.throwIfAborted();
      await dropPrepared(cache, sha256);
      throw new KeepsakeError(
        "preparation-differs",
        "A photo could not be decoded again as it was for an earlier film; the next attempt starts from the file.",
        { cause: error },
      );
    }
    await rm(original);
  }
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}
