import { statfs } from "node:fs/promises";
import path from "node:path";

import { isMissing } from "../files/is-missing.js";
import { freeMemoryBytes } from "./free-memory.js";

export interface PreFlightOptions {
  readonly workFolder: string;
  /** Disk space and memory that must be free before a film is started. */
  readonly minDiskBytes: number;
  readonly minMemoryBytes: number;
  /** Empties the cache until this many bytes are free, or until it is empty. */
  readonly makeRoom: (freeBytes: number) => Promise<void>;
}

export interface Shortage {
  readonly code: "disk-short" | "memory-short";
  /** Sentence that names what is short, where, and how to fix it. */
  readonly reason: string;
}

/** Checks disk and memory before a film is started, because a film that runs out of them fails its attempt. */
export async function findShortage(options: PreFlightOptions): Promise<Shortage | null> {
  return (await findDiskShortage(options)) ?? (await findMemoryShortage(options));
}

async function findDiskShortage(options: PreFlightOptions): Promise<Shortage | null> {
  const { workFolder, minDiskBytes, makeRoom } = options;
  let disk = await freeDiskBytes(workFolder);
  if (disk < minDiskBytes) {
    await makeRoom(minDiskBytes);
    disk = await freeDiskBytes(workFolder);
  }
  if (disk >= minDiskBytes) return null;
  return {
    code: "disk-short",
    reason:
      `The disk of ${workFolder} has ${megabytes(disk)} MB free, and KEEPSAKE_MIN_DISK_BYTES requires ` +
      `${megabytes(minDiskBytes)} MB: free some space, set KEEPSAKE_WORK_FOLDER to a folder on another disk, or lower that setting.`,
  };
}

async function findMemoryShortage({ minMemoryBytes }: PreFlightOptions): Promise<Shortage | null> {
  const memory = await freeMemoryBytes();
  if (memory === null || memory >= minMemoryBytes) return null;
  return {
    code: "memory-short",
    reason:
      `${megabytes(memory)} MB of memory are free, and KEEPSAKE_MIN_MEMORY_BYTES requires ` +
      `${megabytes(minMemoryBytes)} MB: give the machine or container more memory, or lower KEEPSAKE_SLOTS or that setting.`,
  };
}

/**
 * Returns the free bytes of the folder's disk; for a folder that does not exist yet, of the disk that it would be created
 * on. A folder that cannot be read causes an error only when a film is started in it.
 */
async function freeDiskBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const parent = path.dirname(folder);
    if (!isMissing(error) || parent === folder) return Infinity;
    return await freeDiskBytes(parent);
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
