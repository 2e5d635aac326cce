import { KeepsakeError } from "../errors.js";
import { checkFreeDisk } from "../files/free-disk.js";
import { decodedBytes, decodedPhotosBytes, soundBytes, type Asset } from "../media/asset.js";

/** Limits the space that the decoded files of a film take on the disk. */
export interface PreparedSpace {
  /**
   * Checks the disk before a file is decoded.
   *
   * @returns limit in MiB for the output of its process
   * @throws KeepsakeError `disk-full`
   */
  check(): Promise<number>;
  /**
   * Counts a decoded file.
   *
   * @returns whether its decoded photo may stay on the disk
   * @throws KeepsakeError `prepared-too-large`
   */
  add(asset: Asset): boolean;
  /** Explains why a process reached its output limit: the file alone is too large, or all files together are. */
  explain(error: KeepsakeError, outputMib: number): KeepsakeError;
}

export interface PreparedSpaceOptions {
  readonly folder: string;
  /** Limit for all decoded files together. */
  readonly maxBytes: number;
  readonly minFreeBytes: number;
  /** Limit for one decoded file. */
  readonly maxFileMib: number;
}

const mebibyte = 2 ** 20;

export function createPreparedSpace(options: PreparedSpaceOptions): PreparedSpace {
  const { folder, maxBytes, minFreeBytes, maxFileMib } = options;
  let usedBytes = 0;
  let photoBytes = 0;
  return {
    async check() {
      await checkFreeDisk(folder, minFreeBytes);
      return Math.min(maxFileMib, Math.max(1, Math.ceil((maxBytes - usedBytes) / mebibyte)));
    },
    add(asset) {
      let mayStay = true;
      if (asset.kind === "photo") {
        photoBytes += decodedBytes(asset);
        mayStay = photoBytes <= decodedPhotosBytes;
        if (mayStay) usedBytes += decodedBytes(asset);
      } else usedBytes += asset.kind === "sound" ? soundBytes(asset) : soundBytes(asset.sound);
      if (usedBytes > maxBytes) throw tooLarge(maxBytes);
      return mayStay;
    },
    explain: (error, outputMib) =>
      error.code === "media-preparation-output" && outputMib < maxFileMib ? tooLarge(maxBytes, error) : error,
  };
}

function tooLarge(maxBytes: number, cause?: KeepsakeError): KeepsakeError {
  return new KeepsakeError(
    "prepared-too-large",
    `The capsule's files together are larger than ${Math.round(maxBytes / 1e6)} MB when decoded. Split the capsule, or set ` +
      "KEEPSAKE_MAX_PREPARED_BYTES higher if the disk has the space; then retry the dead letter.",
    { cause },
  );
}
