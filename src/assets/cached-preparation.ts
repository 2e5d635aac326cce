import path from "node:path";

import { cacheKey } from "../cache/cache-key.js";
import type { DiskCache } from "../cache/disk-cache.js";
import { KeepsakeError, type ErrorCode } from "../errors.js";
import type { Asset, SoundAsset } from "../media/asset.js";
import type { PreparedFile } from "./open-preparers.js";
import type { DetectedKind } from "./sniff/detected-kind.js";
import { UnusableFile } from "./unusable-file.js";

/** The result of preparing a file, or the reason why it cannot be used. */
export type Preparation = PreparedFile | KeepsakeError;

/** Errors that the file's bytes cause. Others, such as a crash or a timeout, may not happen again. */
const finalFileErrors: ReadonlySet<ErrorCode> = new Set([
  "media-kind-refused",
  "media-damaged",
  "media-codec-unsupported",
  "media-protected",
  "media-limit-exceeded",
  "media-nothing-inside",
]);

/** Whether a file with this error would have it again, because of its bytes. */
export function isFinalFileError(code: string): boolean {
  return finalFileErrors.has(code as ErrorCode);
}

interface CachedPreparation {
  readonly prepared: PreparedFile | null;
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly detected: DetectedKind | null;
  } | null;
}

/**
 * Gets the preparation of a file for an earlier film, without decoding it. Its sound is placed in `folder`. The pixels of
 * a photo are not cached: they are large and quickly decoded again.
 *
 * @param sha256 hash of the file
 * @param folder folder of this film's media
 */
export async function getCachedPreparation(
  cache: DiskCache,
  sha256: string,
  folder: string,
): Promise<Preparation | null> {
  const entry = await cache.get<CachedPreparation>(keyOf(sha256), (name) => path.join(folder, name));
  if (entry === null) return null;
  const { prepared, error } = entry.value;
  if (error !== null) {
    const keepsakeError = new KeepsakeError(error.code, error.message);
    return error.detected ? new UnusableFile(keepsakeError, error.detected) : keepsakeError;
  }
  return prepared === null ? null : { ...prepared, asset: inFolder(prepared.asset, folder) };
}

export async function storePreparation(
  cache: DiskCache,
  sha256: string,
  preparation: Preparation,
): Promise<void> {
  if (preparation instanceof KeepsakeError) {
    const { code, message } = preparation;
    if (!finalFileErrors.has(code)) return;
    const detected = preparation instanceof UnusableFile ? preparation.detected : null;
    await cache.store<CachedPreparation>(keyOf(sha256), {
      value: { prepared: null, error: { code, message, detected } },
      files: {},
    });
    return;
  }
  const { asset, ...notes } = preparation;
  const sound = soundOf(asset);
  await cache.store<CachedPreparation>(keyOf(sha256), {
    value: { prepared: { asset: inFolder(asset, ""), ...notes }, error: null },
    files: sound === null ? {} : { [path.basename(sound.path)]: sound.path },
  });
}

export async function removeCachedPreparation(cache: DiskCache, sha256: string): Promise<void> {
  await cache.remove(keyOf(sha256));
}

function keyOf(sha256: string): string {
  return cacheKey("prepared", { sha256 });
}

function soundOf(asset: Asset): SoundAsset | null {
  if (asset.kind === "clip") return asset.sound;
  return asset.kind === "sound" ? asset : null;
}

/** Moves the paths of an asset to another folder. Its files are named after the hash of the original. */
function inFolder(asset: Asset, folder: string): Asset {
  const moved = { ...asset, path: path.join(folder, path.basename(asset.path)) };
  if (moved.kind !== "clip" || moved.sound === null) return moved;
  return { ...moved, sound: { ...moved.sound, path: path.join(folder, path.basename(moved.sound.path)) } };
}
