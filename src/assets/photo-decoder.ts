import { rm, stat } from "node:fs/promises";

import type { DiskCache } from "../cache/disk-cache.js";
import { KeepsakeError, toKeepsakeError } from "../errors.js";
import { checkFreeDisk } from "../files/free-disk.js";
import { exists } from "../files/is-missing.js";
import { mapConcurrent } from "../async/map-concurrent.js";
import type { DecodePhotos, PhotoAsset } from "../media/asset.js";
import { removeCachedPreparation } from "./cached-preparation.js";
import { originalPath } from "./fetch/fetch-all.js";
import { defaultFetchLimits } from "./fetch/fetch-limits.js";
import { openPreparers, type Preparers } from "./open-preparers.js";

interface PhotoDecoderOptions {
  /** Folder of a film's media. */
  readonly folder: string;
  readonly cache: DiskCache;
  /** Number of child processes at once. */
  readonly concurrency: number;
  /** Space that must stay free on the disk; by default the limit for fetching. */
  readonly minFreeBytes?: number | undefined;
}

/**
 * Creates a function that decodes photos whose size and focus are known already. It reads the originals in the film's
 * folder, which stay there.
 *
 * The function throws KeepsakeError `disk-full`, and `preparation-differs` when a decoded photo differs from its cached
 *   preparation; that is then removed, and the next attempt prepares the file again.
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
    await mapConcurrent(missing, concurrency, signal, (photo, stop) => decodeAgain(photo, preparers, stop));
    return {
      async [Symbol.asyncDispose]() {
        for (const { path, sha256 } of photos) {
          if (await exists(originalPath(folder, sha256))) await rm(path, { force: true });
        }
      },
    };
  };

  async function decodeAgain(photo: PhotoAsset, preparers: Preparers, signal: AbortSignal): Promise<void> {
    const { sha256 } = photo;
    const original = originalPath(folder, sha256);
    await checkFreeDisk(folder, minFreeBytes);
    const { size: sizeBytes } = await stat(original);
    try {
      const input = { path: original, sha256, folder };
      const { asset } = await preparers.decode(input, { sizeBytes, signal });
      if (asset.kind !== "photo" || asset.width !== photo.width || asset.height !== photo.height) {
        throw new TypeError("The photo has another kind or size than before.");
      }
      await rm(asset.thumbnail.path);
    } catch (error) {
      signal.throwIfAborted();
      if (toKeepsakeError(error).code === "disk-full") throw error;
      await removeCachedPreparation(cache, sha256);
      throw new KeepsakeError(
        "preparation-differs",
        "A photo could not be decoded again as it was for an earlier film; the next attempt prepares the file again.",
        { cause: error },
      );
    }
  }
}
