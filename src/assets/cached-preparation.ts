import path from "node:path";

import { cacheKey } from "../cache/cache-key.js";
import type { DiskCache } from "../cache/disk-cache.js";
import { KeepsakeError, type ErrorCode } from "../errors.js";
import type { Asset, SoundAsset } from "../media/asset.js";
import type { PreparedFile } from "./open-preparers.js";
import { UnusableFile } from "./unusable-file.js";
import type { DetectedKind } from "./sniff/detected-kind.js";

/** What preparing a file came to: what it is, or why it cannot be used. */
export type Preparation = PreparedFile | KeepsakeError;

/** What the bytes themselves are to blame for. A crash or a timeout may not happen again. */
const finalFileErrors: ReadonlySet<ErrorCode> = new Set([
  "media-kind-refused",
  "media-damaged",
  "media-codec-unsupported",
  "media-protected",
  "media-limit-exceeded",
  "media-nothing-inside",
]);

/** Whether a file that was refused so will be refused so again, for what its bytes are. */
export function isFinalFileError(code: string): boolean {
  return finalFileErrors.has(code as ErrorCode);
}

interface Kept {
  readonly prepared: PreparedFile | null;
  readonly refusal: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly seen: DetectedKind | null;
  } | null;
}

/**
 * What is known of a file from an earlier film, without decoding it. Its sound lies in `folder` then; the pixels of a
 * photo do not: they are large, and soon made again.
 *
 * @param sha256 of the file
 * @param folder where the media of this film lie
 */
export async function getCachedPreparation(
  cache: DiskCache,
  sha256: string,
  folder: string,
): Promise<Preparation | null> {
  const taken = await cache.get<Kept>(keyOf(sha256), (name) => path.join(folder, name));
  if (taken === null) return null;
  const { prepared, refusal } = taken.value;
  if (refusal !== null) {
    const error = new KeepsakeError(refusal.code, refusal.message);
    return refusal.seen ? new UnusableFile(error, refusal.seen) : error;
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
    const seen = preparation instanceof UnusableFile ? preparation.seen : null;
    await cache.store<Kept>(keyOf(sha256), {
      value: { prepared: null, refusal: { code, message, seen } },
      files: {},
    });
    return;
  }
  const { asset, ...notes } = preparation;
  const sound = soundOf(asset);
  await cache.store<Kept>(keyOf(sha256), {
    value: { prepared: { asset: inFolder(asset, ""), ...notes }, refusal: null },
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

/** The same asset with its files, which are named after its bytes, in another folder. */
function inFolder(asset: Asset, folder: string): Asset {
  const moved = { ...asset, path: path.join(folder, path.basename(asset.path)) };
  if (moved.kind !== "clip" || moved.sound === null) return moved;
  return { ...moved, sound: { ...moved.sound, path: path.join(folder, path.basename(moved.sound.path)) } };
}
