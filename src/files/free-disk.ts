import { statfs } from "node:fs/promises";

import { KeepsakeError } from "../errors.js";

/**
 * Checks whether the disk of a folder has space for more of a capsule's files.
 *
 * @param minFreeBytes space that must stay free
 * @throws KeepsakeError `disk-full`
 */
export async function checkFreeDisk(folder: string, minFreeBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < minFreeBytes) throw diskFull(folder);
}

export function diskFull(folder: string, cause?: unknown): KeepsakeError {
  return new KeepsakeError(
    "disk-full",
    `The disk of ${folder} has too little free space for the capsule's files. Free some space, set KEEPSAKE_WORK_FOLDER to a folder ` +
      "on a larger disk, or set KEEPSAKE_MAX_MEDIA_BYTES and KEEPSAKE_MAX_FILM_HOURS lower.",
    { cause },
  );
}
