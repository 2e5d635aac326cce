import { randomUUID } from "node:crypto";
import { readdir, rename, rm, stat, statfs } from "node:fs/promises";
import path from "node:path";

import { isMissing } from "../files/is-missing.js";

export interface EvictOptions {
  /** Folder of folders: one an entry, its time of change the last use. */
  readonly entries: string;
  /** Where entries are made and unmade, on the same filesystem. */
  readonly temporary: string;
  readonly limitBytes: number;
  /** What must be free on the disk afterwards, if letting go of entries can bring that about. */
  readonly freeBytes?: number;
}

interface Entry {
  readonly path: string;
  readonly sizeBytes: number;
  readonly usedAtMs: number;
}

/** A worker that was killed left it; making an entry takes seconds. */
const abandonedMs = 3_600_000;
/** How far a worker may go beyond what it saw before it looks again, as a part of the limit. */
const slack = 0.05;

/**
 * Removes the entries that were not used for the longest time until the rest is within the limit, and what killed
 * workers left half made. The limit shrinks with the disk: entries and free space share what there is.
 * @returns bytes that may be added before the next look
 */
export async function evictEntries(options: EvictOptions): Promise<number> {
  const { entries, temporary, limitBytes, freeBytes = 0 } = options;
  await removeAbandoned(temporary);
  const found = (await readdir(entries)).map((name) => describeEntry(path.join(entries, name)));
  const leastUsedFirst = (await Promise.all(found))
    .filter((entry) => entry !== null)
    .toSorted((a, b) => a.usedAtMs - b.usedAtMs);
  let sizeBytes = leastUsedFirst.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  const { bavail, bsize } = await statfs(entries);
  const disk = sizeBytes + bavail * bsize;
  const most = Math.max(0, Math.min(limitBytes, disk / 2, disk - freeBytes));
  for (const entry of leastUsedFirst) {
    if (sizeBytes <= most * (1 - slack)) break;
    sizeBytes -= entry.sizeBytes;
    await removeEntry(entry.path, temporary);
  }
  return most * slack;
}

async function removeAbandoned(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const draft = path.join(temporary, name);
    const mtimeMs = await orGone(stat(draft).then((stats) => stats.mtimeMs));
    if (mtimeMs !== null && Date.now() - mtimeMs > abandonedMs)
      await rm(draft, { recursive: true, force: true });
  }
}

/** Null when another worker has just removed it. */
async function describeEntry(entry: string): Promise<Entry | null> {
  return await orGone(
    (async () => {
      const [{ mtimeMs }, names] = await Promise.all([stat(entry), readdir(entry)]);
      const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(entry, name))).size));
      return { path: entry, usedAtMs: mtimeMs, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) };
    })(),
  );
}

/** Out of sight first, so that nobody finds half of it. */
async function removeEntry(entry: string, temporary: string): Promise<void> {
  const grave = path.join(temporary, randomUUID());
  if ((await orGone(rename(entry, grave).then(() => true))) === null) return;
  await rm(grave, { recursive: true, force: true });
}

async function orGone<T>(looking: Promise<T>): Promise<T | null> {
  try {
    return await looking;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
