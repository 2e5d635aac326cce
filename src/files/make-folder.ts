import { lstat, mkdir, stat } from "node:fs/promises";
import path from "node:path";

import { isMissing } from "./is-missing.js";

/**
 * Creates a folder, by default for this user only, and its missing parents. An existing folder is not changed.
 * Workaround: Node's own `mkdir` with `recursive` never returns below a folder in which nothing can be created, such as
 * /proc.
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
 * Creates a folder like `makeFolder`, for private files. In a folder to which every user may write, such as /tmp, another
 * user may have created a folder or link with that name first, and could then replace the files in it.
 * @throws an error of the system; `EPERM` when the folder belongs to another user
 */
export async function makeOwnFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  const { uid } = await lstat(folder);
  const { mode } = await stat(path.dirname(folder));
  if ((mode & 0o002) === 0 || uid === 0 || uid === process.getuid?.()) return;
  throw Object.assign(new Error(`${folder} belongs to another user`), { code: "EPERM" });
}
