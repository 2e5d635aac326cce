import { open, statfs } from "node:fs/promises";
import path from "node:path";

import { KeepsakeError } from "../errors.js";

/** A private file that grows at its end, and never until the disk is full. */
export interface TargetFile extends AsyncDisposable {
  readonly sizeBytes: number;
  /** @throws KeepsakeError `disk-full` */
  append(piece: Buffer): Promise<void>;
  /** Back to nothing. */
  restart(): Promise<void>;
}

const checkEveryBytes = 64_000_000;

/** @param minFreeBytes what must stay free on the disk */
export async function openTargetFile(target: string, minFreeBytes: number): Promise<TargetFile> {
  const folder = path.dirname(target);
  const file = await open(target, "wx", 0o600);
  let sizeBytes = 0;
  let uncheckedBytes = checkEveryBytes;

  const checkDisk = async (): Promise<void> => {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < minFreeBytes) throw diskFull(folder);
    uncheckedBytes = 0;
  };

  return {
    get sizeBytes() {
      return sizeBytes;
    },
    async append(piece) {
      uncheckedBytes += piece.length;
      if (uncheckedBytes >= checkEveryBytes) await checkDisk();
      try {
        // The last write before a disk is full may be a short one.
        for (let written = 0; written < piece.length;) {
          const { bytesWritten } = await file.write(
            piece,
            written,
            piece.length - written,
            sizeBytes + written,
          );
          written += bytesWritten;
        }
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        throw code === "ENOSPC" || code === "EDQUOT" ? diskFull(folder, error) : error;
      }
      sizeBytes += piece.length;
    },
    async restart() {
      await file.truncate(0);
      sizeBytes = 0;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

function diskFull(folder: string, cause?: unknown): KeepsakeError {
  return new KeepsakeError(
    "disk-full",
    `The disk of ${folder} is too full for the capsule's files. Free some, set KEEPSAKE_WORK_FOLDER to a folder on ` +
      "a larger disk, or let a film have less with KEEPSAKE_MAX_MEDIA_BYTES.",
    { cause },
  );
}
