/** The files in a folder of films: films, their metadata in hidden files beside them, and unfinished copies. */
import { open, readdir, rm } from "node:fs/promises";
import path from "node:path";

import { exists, isNoFile } from "../files/is-missing.js";
import { KeepsakeError } from "../errors.js";

/** Errors that may pass: the disk is full, fails, or is not mounted now. */
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

/** Path of the file with a film's metadata. */
export function sidecarPath(target: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.json`);
}

/** Prefix of the temporary name under which a file is copied. */
export function unfinishedName(name: string): string {
  return `.upload-${name}-`;
}

/**
 * Removes films with their metadata and unfinished copies.
 * @returns the names of the films that existed
 * @throws KeepsakeError `storage-unavailable`, or `storage-refused` when only the operator can fix it
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
 * Removes the copies of workers that were killed while they copied, or that lost their job and still copy.
 * @returns the number of copies
 * @throws KeepsakeError as `removeFiles` does
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

/** Writes a folder's entries to the disk, so that they survive a crash of the machine. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, "r");
  await handle.sync();
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
    `Films cannot be removed from ${folder}: ${error.message}. Give this user write permission for the folder.`,
    { cause: error },
  );
}
