import { statfs } from "node:fs/promises";
import path from "node:path";

import { isMissing } from "../files/is-missing.js";
import { freeMemoryBytes } from "./free-memory.js";

export interface PreFlightOptions {
  readonly workFolder: string;
  /** What must be free before a film is begun. */
  readonly minDiskBytes: number;
  readonly minMemoryBytes: number;
  /** Lets go of what is only kept for speed until so much is free, if it can. */
  readonly makeRoom: (freeBytes: number) => Promise<void>;
}

export interface Shortage {
  readonly code: "disk-short" | "memory-short";
  /** What is short, where, and how to fix it. */
  readonly reason: string;
}

/** Looks whether a film can be begun; a film that runs out of disk or memory half-way is an attempt burnt. */
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
      `The disk of ${workFolder} has ${megabytes(disk)} MB free, and KEEPSAKE_MIN_DISK_BYTES asks for ` +
      `${megabytes(minDiskBytes)} MB: free some, set KEEPSAKE_WORK_FOLDER to another disk, or lower it.`,
  };
}

async function findMemoryShortage({ minMemoryBytes }: PreFlightOptions): Promise<Shortage | null> {
  const memory = await freeMemoryBytes();
  if (memory === null || memory >= minMemoryBytes) return null;
  return {
    code: "memory-short",
    reason:
      `${megabytes(memory)} MB of memory are free, and KEEPSAKE_MIN_MEMORY_BYTES asks for ` +
      `${megabytes(minMemoryBytes)} MB: give the machine or container more, or lower KEEPSAKE_SLOTS or that setting.`,
  };
}

/**
 * Of the folder's disk; while the folder is not there yet, of the one it would be made in. A folder that cannot be
 * looked at is complained of when a film is begun in it.
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
