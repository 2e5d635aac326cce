import { rm, stat } from "node:fs/promises";

import { exists } from "../files/is-missing.js";
import type { DiskCache } from "../cache/disk-cache.js";
import { KeepsakeError, toKeepsakeError } from "../errors.js";
import type { DecodePhotos, PhotoAsset } from "../media/asset.js";
import { mapConcurrent } from "../async/map-concurrent.js";
import { defaultFetchLimits } from "./fetch/fetch-limits.js";
import { checkFreeDisk } from "../files/free-disk.js";
import { removeCachedPreparation } from "./cached-preparation.js";
import { openPreparers, type Preparers } from "./open-preparers.js";
import { originalPath } from "./prepare-asset.js";

interface PhotoDecoderOptions {
  /** Where the media of a film lie. */
  readonly folder: string;
  readonly cache: DiskCache;
  /** Child processes at once. */
  readonly concurrency: number;
  /** What stays free on the disk; by default as when fetching. */
  readonly minFreeBytes?: number | undefined;
}

/**
 * Decodes photos whose facts were known before, from the originals in the film's folder, which stay there.
 *
 * The function throws KeepsakeError `disk-full`, and `preparation-differs` when a photo is not what was known of it: that is forgotten, and the
 *   next attempt finds out anew
 */
export function createPhotoDecoder({
  folder,
  cache,
  concurrency,
  minFreeBytes = defaultFetchLimits.minFreeBytes,
}: PhotoDecoderOptions): DecodePhotos {
  return async (photos, signal) => {
    const missing: PhotoAsset[] = [];
    for (const photo of new Map(photos.map((one) => [one.sha256, one])).values()) {
      if (!(await exists(photo.path))) missing.push(photo);
    }
    await using preparers = openPreparers({ fileCount: missing.length, concurrency, folder });
    await mapConcurrent(missing, concurrency, signal, (photo, stop) => develop(photo, preparers, stop));
    return {
      async [Symbol.asyncDispose]() {
        for (const { path, sha256 } of photos) {
          if (await exists(originalPath(folder, sha256))) await rm(path, { force: true });
        }
      },
    };
  };

  async function develop(photo: PhotoAsset, preparers: Preparers, signal: AbortSignal): Promise<void> {
    const { sha256 } = photo;
    const original = originalPath(folder, sha256);
    await checkFreeDisk(folder, minFreeBytes);
    const { size: sizeBytes } = await stat(original);
    try {
      const input = { path: original, sha256, folder };
      const { asset } = await preparers.decode(input, { sizeBytes, signal });
      if (asset.kind !== "photo" || asset.width !== photo.width || asset.height !== photo.height) {
        throw new TypeError("Other facts than before.");
      }
      await rm(asset.thumbnail.path);
    } catch (error) {
      signal.throwIfAborted();
      if (toKeepsakeError(error).code === "disk-full") throw error;
      await removeCachedPreparation(cache, sha256);
      throw new KeepsakeError(
        "preparation-differs",
        "A photo could not be decoded again as it was for an earlier film; the next attempt starts from the file.",
        { cause: error },
      );
    }
  }
}
