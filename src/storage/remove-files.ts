/** How the folder of films looks: a film, beside it what an object store keeps as its metadata, and what is being copied. */
import { open, readdir, rm } from "node:fs/promises";
import path from "node:path";

import { exists, isNoFile } from "../files/is-missing.js";
import { KeepsakeError } from "../errors.js";

/** A disk that is full or fails, or that is not mounted for now. */
const passingErrors = new Set([
  "ENOSPC",
  "EDQUOT",
  "EIO",
  "EAGAIN",
  "EBUSY",
  "EMFILE",
  "ENFILE",
  "ETIMEDOUT",
  "ESTALE",
]);

/** What an object store keeps as an object's metadata. */
export function sidecarPath(target: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.json`);
}

/** How the name of a file begins under which one of this name is copied. */
export function unfinishedName(name: string): string {
  return `.upload-${name}-`;
}

/**
 * @returns the names of those that were there
 * @throws KeepsakeError `storage-unavailable`, or `storage-refused` where only the operator can change it
 */
export async function removeFiles(
  folder: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const removed: string[] = [];
  await removeUnfinished(folder, names);
  try {
    for (const name of names) {
      signal.throwIfAborted();
      const target = path.join(folder, name);
      if (await exists(target)) removed.push(name);
      await rm(target, { force: true });
      await rm(sidecarPath(target), { force: true });
    }
    if (removed.length > 0) await syncFolder(folder);
  } catch (error) {
    signal.throwIfAborted();
    throw explainFailure(folder, error as NodeJS.ErrnoException);
  }
  return removed;
}

/**
 * Removes what workers left that were killed while they copied, and what one is copying that has lost its job.
 * @throws KeepsakeError as `removeFiles`
 */
export async function removeUnfinished(folder: string, names: readonly string[]): Promise<number> {
  try {
    const unfinished = (await readdir(folder)).filter((file) =>
      names.some((name) => file.startsWith(unfinishedName(name))),
    );
    for (const file of unfinished) await rm(path.join(folder, file), { force: true });
    return unfinished.length;
  } catch (error) {
    if (isNoFile(error)) return 0;
    throw explainFailure(folder, error as NodeJS.ErrnoException);
  }
}

/** So that what was done to names in it outlasts a crash of the machine. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function isPassingError(error: NodeJS.ErrnoException): boolean {
  return passingErrors.has(error.code ?? "");
}

function explainFailure(folder: string, error: NodeJS.ErrnoException): KeepsakeError {
  if (isPassingError(error)) {
    return new KeepsakeError("storage-unavailable", `Could not remove from ${folder}: ${error.message}.`, {
      cause: error,
    });
  }
  return new KeepsakeError(
    "storage-refused",
    `Films cannot be removed from ${folder}: ${error.message}. Let this user write to the folder.`,
    { cause: error },
  );
}
