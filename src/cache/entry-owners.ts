/**
 * Marks the owners for whom an entry was stored or read: one empty file per owner, named after a hash of the owner. When
 * an owner is forgotten, entries without another owner are removed; shared entries stay.
 */
import { createHash } from "node:crypto";
import { readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";

import { isMissing, isNoFile } from "../files/is-missing.js";
import { removeEntry } from "./remove-entry.js";

const prefix = "owner-";

/** Does nothing when the entry has been removed in the meantime. */
export async function markOwner(entry: string, owner: string): Promise<void> {
  await writeFile(path.join(entry, markOf(owner)), "", { flag: "wx", mode: 0o600 }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST" && !isMissing(error)) throw error;
    },
  );
}

/**
 * Removes the entries that belong to these owners and to no one else, and these owners' marks from the others.
 *
 * @param entries folder of entries, each a folder
 * @param temporary folder on the same filesystem, to which entries are moved to be removed
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
    const forgotten = owned.filter((mark) => marks.has(mark));
    if (forgotten.length === 0) continue;
    // A worker that reads the entry at this moment has links to its files, which remain.
    if (forgotten.length < owned.length) await removeMarks(entry, forgotten);
    else if (await removeEntry(entry, temporary)) removed += 1;
  }
  return removed;
}

/** Removes marks without changing the time of the last use. */
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
