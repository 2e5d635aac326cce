import { constants, type Stats } from "node:fs";
import { lstat, open, readlink, realpath, stat, type FileHandle } from "node:fs/promises";
import path from "node:path";

import { isNoFile } from "./is-missing.js";

/** Why a path below a folder was not opened. */
export type NotBelow = "outside" | "missing" | "no-file";

/**
 * Opens a regular file that lies below a folder, wherever links on the way lead. It is looked at once it is open,
 * because its path may lead elsewhere by then; and no writer of a pipe is waited for.
 *
 * @param folder must exist
 * @param relative may hold `..`
 * @throws what the file system throws, but for a file that is missing
 */
export async function openFileBelow(folder: string, relative: string): Promise<FileHandle | NotBelow> {
  const root = await realpath(folder);
  const joined = path.join(root, relative);
  if (relative.includes("\0") || path.isAbsolute(relative)) return "outside";
  try {
    if (!isBelow(await realpath(joined), root)) return "outside";
    // Opening a device may do something, so it is not tried.
    if (!(await stat(joined)).isFile()) return "no-file";
    const file = await open(joined, constants.O_RDONLY | constants.O_NONBLOCK);
    const fault = await findFault(file, joined, root).catch(async (error: unknown) => {
      await file.close();
      throw error;
    });
    if (fault === null) return file;
    await file.close();
    return fault;
  } catch (error) {
    if (isNoFile(error)) return "missing";
    throw error;
  }
}

async function findFault(file: FileHandle, joined: string, root: string): Promise<NotBelow | null> {
  const opened = await file.stat();
  if (!opened.isFile()) return "no-file";
  const place = (await placeOf(file)) ?? (await foundAgain(opened, joined));
  return place !== null && isBelow(place, root) ? null : "outside";
}

/** Where an open file lies, as the system says: the only answer that no swap of links can come between. */
async function placeOf(file: FileHandle): Promise<string | null> {
  return await readlink(`/proc/self/fd/${file.fd}`).catch(() => null);
}

/** Where the system does not say: the path at which the same file is found again, if it still is. */
async function foundAgain(opened: Stats, joined: string): Promise<string | null> {
  const real = await realpath(joined);
  const { dev, ino } = await lstat(real);
  return dev === opened.dev && ino === opened.ino ? real : null;
}

function isBelow(file: string, root: string): boolean {
  return file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
}
