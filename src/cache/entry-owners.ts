/**
 * For whom an entry was made or taken: an empty file in it for each owner, by whose name a hash of the owner's stands. An
 * entry that nobody else uses goes when its owner is forgotten; one that is shared stays.
 */
import { createHash, randomUUID } from "node:crypto";
import { readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";

import { isMissing, isNoFile } from "../files/is-missing.js";

const prefix = "owner-";

/** Where the entry is gone by now, there is nothing to mark. */
export async function markOwner(entry: string, owner: string): Promise<void> {
  await writeFile(path.join(entry, markOf(owner)), "", { flag: "wx", mode: 0o600 }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST" && !isMissing(error)) throw error;
    },
  );
}

/**
 * Removes the entries that belong to these owners and to nobody else, and their marks from the others.
 * @param entries folder of folders, one an entry
 * @param temporary on the same filesystem, where entries are unmade
 * @returns how many entries were removed
 */
export async function removeOwned(
  entries: string,
  temporary: string,
  owners: readonly string[],
): Promise<number> {
  const marks = new Set(owners.map(markOf));
  let removed = 0;
  for (const name of await orNone(readdir(entries))) {
    const entry = path.join(entries, name);
    const owned = (await orNone(readdir(entry))).filter((file) => file.startsWith(prefix));
    const leaving = owned.filter((mark) => marks.has(mark));
    if (leaving.length === 0) continue;
    // A worker that takes it at this moment has it in its hands all the same.
    if (leaving.length === owned.length) removed += await removeEntry(entry, temporary);
    else await removeMarks(entry, leaving);
  }
  return removed;
}

async function removeEntry(entry: string, temporary: string): Promise<number> {
  const grave = path.join(temporary, randomUUID());
  const isMoved = await rename(entry, grave).then(
    () => true,
    (error: unknown) => {
      if (isNoFile(error)) return false;
      throw error;
    },
  );
  await rm(grave, { recursive: true, force: true });
  return isMoved ? 1 : 0;
}

/** The time of its last use stays as it was. */
async function removeMarks(entry: string, marks: readonly string[]): Promise<void> {
  const before = await stat(entry).catch(() => null);
  for (const mark of marks) await rm(path.join(entry, mark), { force: true });
  if (before !== null) await utimes(entry, before.atime, before.mtime).catch(() => undefined);
}

function markOf(owner: string): string {
  return `${prefix}${createHash("sha256").update(owner).digest("hex").slice(0, 32)}`;
}

async function orNone(names: Promise<string[]>): Promise<string[]> {
  return await names.catch((error: unknown) => {
    if (isNoFile(error)) return [];
    throw error;
  });
}
