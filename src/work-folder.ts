import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";

import { KeepsakeError } from "./errors.js";

/** A private folder for one film, gone when disposed. */
export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
}

/** The name carries the process id, so that a later worker knows whose folder it is. */
const folderName = /^film-(\d+)-/;

/**
 * @param root made if missing; readable by this user alone
 * @throws KeepsakeError `setting-invalid` when nothing can be written there
 */
export async function openWorkFolder(root: string): Promise<WorkFolder> {
  const folder = await makeFolder(root).catch((error: NodeJS.ErrnoException) => {
    throw new KeepsakeError(
      "setting-invalid",
      `Films cannot be made in ${root} (${error.code}). Set KEEPSAKE_WORK_FOLDER to a folder that can be written to.`,
      { cause: error },
    );
  });
  return {
    path: folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

async function makeFolder(root: string): Promise<string> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  return await mkdtemp(path.join(root, `film-${process.pid}-`));
}

/**
 * Removes the folders of processes that were killed and could not tidy up after themselves.
 * @returns how many were removed
 */
export async function sweepWorkFolders(root: string): Promise<number> {
  const names = await readdir(root).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const orphans = names.filter((name) => {
    const pid = folderName.exec(name)?.[1];
    return pid !== undefined && !isRunning(Number(pid));
  });
  await Promise.all(orphans.map((name) => rm(path.join(root, name), { recursive: true, force: true })));
  return orphans.length;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
