import { open } from "node:fs/promises";
import path from "node:path";

import { isDiskFull } from "../../is-disk-full.js";
import { writeWhole } from "../../files/write-whole.js";
import { checkFreeDisk, diskFull } from "../../files/free-disk.js";

/** A private file that data is appended to. It stops growing before the disk is full. */
export interface TargetFile extends AsyncDisposable {
  readonly sizeBytes: number;
  /** @throws KeepsakeError `disk-full` */
  append(piece: Buffer): Promise<void>;
  /** Removes all data from the file. */
  restart(): Promise<void>;
}

const checkEveryBytes = 64_000_000;

/** @param minFreeBytes space that must stay free on the disk */
export async function openTargetFile(target: string, minFreeBytes: number): Promise<TargetFile> {
  const folder = path.dirname(target);
  const file = await open(target, "wx", 0o600);
  let sizeBytes = 0;
  let uncheckedBytes = checkEveryBytes;

  const checkDisk = async (): Promise<void> => {
    await checkFreeDisk(folder, minFreeBytes);
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
        await writeWhole(file, piece, sizeBytes);
      } catch (error) {
        throw isDiskFull(error) ? diskFull(folder, error) : error;
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
