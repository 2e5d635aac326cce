import { constants, type Stats } from "node:fs";
import { lstat, open, readlink, realpath, stat, type FileHandle } from "node:fs/promises";
import path from "node:path";

import { isNoFile } from "./is-missing.js";

/** The reason why a path below a folder was not opened. */
export type NotBelow = "outside" | "missing" | "no-file";

/**
 * Opens a regular file below a folder; links may be on the way as long as they end below the folder. The checks are
 * repeated on the open file, because its path may lead elsewhere by then. Opening a pipe does not wait for its writer.
 *
 * @param folder an existing folder
 * @param relative a path that may contain `..`
 * @throws errors of the file system, except for a missing file
 */
export async function openFileBelow(folder: string, relative: string): Promise<FileHandle | NotBelow> {
  const root = await realpath(folder);
  const joined = path.join(root, relative);
  if (relative.includes("\0") || path.isAbsolute(relative)) return "outside";
  try {
    if (!isBelow(await realpath(joined), root)) return "outside";
    // Opening a device may have an effect, so it is not tried.
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
  const place = (await pathOf(file)) ?? (await findAgain(opened, joined));
  return place !== null && isBelow(place, root) ? null : "outside";
}

/** The path of an open file by the system: the only answer that cannot change between two calls. */
async function pathOf(file: FileHandle): Promise<string | null> {
  return await readlink(`/proc/self/fd/${file.fd}`).catch(() => null);
}

/** The path at which the same file is found again, for systems that do not report the path of an open file. */
async function findAgain(opened: Stats, joined: string): Promise<string | null> {
  const real = await realpath(joined);
  const { dev, ino } = await lstat(real);
  return dev === opened.dev && ino === opened.ino ? real : null;
}

function isBelow(file: string, root: string): boolean {
  return file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
}
