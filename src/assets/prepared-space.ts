import { KeepsakeError } from "../errors.js";
import type { Asset } from "../media/asset.js";
import { decodedBytes, decodedPhotosBytes, soundBytes } from "../media/asset.js";
import { checkFreeDisk } from "../files/free-disk.js";

/** What the files of a film may take on the disk once they are decoded. */
export interface PreparedSpace {
  /**
   * Looks, before a file is decoded, what there is for it.
   *
   * @returns MiB that its process may write
   * @throws KeepsakeError `disk-full`
   */
  look(): Promise<number>;
  /**
   * Counts what a file became.
   *
   * @returns whether its decoded photo is to stay on the disk
   * @throws KeepsakeError `prepared-too-large`
   */
  add(asset: Asset): boolean;
  /** Why a process was stopped that wrote more than `look` gave it: the file's own fault, or that of all together. */
  blame(error: KeepsakeError, outputMib: number): KeepsakeError;
}

export interface PreparedSpaceOptions {
  readonly folder: string;
  /** Of all decoded files together. */
  readonly maxBytes: number;
  readonly minFreeBytes: number;
  /** What one file may be decoded to. */
  readonly maxFileMib: number;
}

const mebibyte = 2 ** 20;

export function createPreparedSpace(options: PreparedSpaceOptions): PreparedSpace {
  const { folder, maxBytes, minFreeBytes, maxFileMib } = options;
  let usedBytes = 0;
  let photoBytes = 0;
  return {
    async look() {
      await checkFreeDisk(folder, minFreeBytes);
      return Math.min(maxFileMib, Math.max(1, Math.ceil((maxBytes - usedBytes) / mebibyte)));
    },
    add(asset) {
      let isKept = true;
      if (asset.kind === "photo") {
        photoBytes += decodedBytes(asset);
        isKept = photoBytes <= decodedPhotosBytes;
        if (isKept) usedBytes += decodedBytes(asset);
      } else usedBytes += asset.kind === "sound" ? soundBytes(asset) : soundBytes(asset.sound);
      if (usedBytes > maxBytes) throw tooLarge(maxBytes);
      return isKept;
    },
    blame: (error, outputMib) =>
      error.code === "media-preparation-output" && outputMib < maxFileMib ? tooLarge(maxBytes, error) : error,
  };
}

function tooLarge(maxBytes: number, cause?: KeepsakeError): KeepsakeError {
  return new KeepsakeError(
    "prepared-too-large",
    `Decoded, the capsule's files are larger than ${Math.round(maxBytes / 1e6)} MB together. Split the capsule, or set ` +
      "KEEPSAKE_MAX_PREPARED_BYTES higher where the disk has the room; then retry the dead letter.",
    { cause },
  );
}
