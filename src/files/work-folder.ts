import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";

import { isMissing } from "./is-missing.js";
import { KeepsakeError } from "../errors.js";
import { makeOwnFolder } from "./make-folder.js";

/** A private folder for one film, which is removed when it is disposed of. */
export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * The name contains the process id and a hash of the machine's name, so that a later worker can check whether the owner
 * still runs: containers may share a disk, and each has its own process ids.
 */
const folderName = /^film-(\d+)-([\da-f]{8})-/;
/** Age in days after which a folder of another machine counts as unused: no film takes that long. */
const maxAgeDays = 8;

/**
 * @param root created if missing; readable by this user only
 * @throws KeepsakeError `setting-invalid` when nothing can be written there
 */
export async function openWorkFolder(root: string): Promise<WorkFolder> {
  const folder = await makeFilmFolder(root).catch((error: NodeJS.ErrnoException) => {
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

async function makeFilmFolder(root: string): Promise<string> {
  await makeOwnFolder(root);
  return await mkdtemp(path.join(root, `film-${process.pid}-${machine()}-`));
}

function machine(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}

/** @returns the work folder that contains a path, or is that path; null for other paths */
export function filmFolderOf(place: string): string | null {
  for (let folder = place; ; folder = path.dirname(folder)) {
    if (folderName.test(path.basename(folder))) return folder;
    if (folder === path.dirname(folder)) return null;
  }
}

/**
 * Removes the folders of processes that were killed. Must be called before the first folder of this process is created.
 * @returns the number of removed folders
 */
export async function sweepWorkFolders(root: string): Promise<number> {
  const names = await readdir(root).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  let removed = 0;
  for (const name of names) {
    const [, pid, where] = folderName.exec(name) ?? [];
    const folder = path.join(root, name);
    if (pid === undefined || !(await isAbandoned(folder, Number(pid), where === machine()))) continue;
    await rm(folder, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

async function isAbandoned(folder: string, pid: number, isHere: boolean): Promise<boolean> {
  if (isHere && !isRunning(pid)) return true;
  const found = await stat(folder).catch(() => null);
  if (found === null) return false;
  const ageSeconds = (Date.now() - found.mtimeMs) / 1000;
  if (!isHere) return ageSeconds > maxAgeDays * 86_400;
  // In a restarted container this process may have the id of the killed one.
  return pid === process.pid && ageSeconds > process.uptime();
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
