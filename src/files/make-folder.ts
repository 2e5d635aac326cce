import { lstat, mkdir, stat } from "node:fs/promises";
import path from "node:path";

import { isMissing } from "./is-missing.js";

/**
 * Makes a folder, by default for this user alone, and those above it that are missing; one that is there already stays as it is.
 * Node's own `mkdir` with `recursive` never comes back below a folder in which nothing can be made, such as /proc.
 * @throws an error of the system
 */
export async function makeFolder(folder: string, mode = 0o700): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await stat(folder)).isDirectory()) return;
    const parent = path.dirname(folder);
    if (!isMissing(error) || parent === folder) throw error;
    await makeFolder(parent, mode);
    await mkdir(folder, { mode }).catch((again: NodeJS.ErrnoException) => {
      if (again.code !== "EEXIST") throw again;
    });
  }
}

/**
 * As `makeFolder`, for what is no business of other users. In a folder that everybody may write to, such as /tmp,
 * somebody else may have put one of that name there first, or a link, and could exchange what is written into it.
 * @throws an error of the system; `EPERM` where the folder belongs to another user
 */
export async function makeOwnFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  const { uid } = await lstat(folder);
  const { mode } = await stat(path.dirname(folder));
  if ((mode & 0o002) === 0 || uid === 0 || uid === process.getuid?.()) return;
  throw Object.assign(new Error(`${folder} belongs to another user`), { code: "EPERM" });
}
