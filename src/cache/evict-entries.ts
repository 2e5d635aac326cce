import { readdir, rm, stat, statfs } from "node:fs/promises";
import path from "node:path";

import { isMissing } from "../files/is-missing.js";
import { removeEntry } from "./remove-entry.js";

export interface EvictOptions {
  /** Folder of entries, each a folder whose modification time is its last use. */
  readonly entries: string;
  /** Folder on the same filesystem, where entries are made before they are visible and moved to be removed. */
  readonly temporary: string;
  readonly limitBytes: number;
  /** Bytes that must be free on the disk afterwards, if removing entries can achieve that. */
  readonly freeBytes?: number;
}

interface Entry {
  readonly path: string;
  readonly sizeBytes: number;
  readonly usedAtMs: number;
}

/** Making an entry takes seconds: a draft that is older was left by a worker that was killed. */
const abandonedMs = 3_600_000;
/** Part of the limit that a worker may store before it measures all entries again. */
const slack = 0.05;

/**
 * Removes the least recently used entries until the rest is within the limit, and unfinished entries of killed workers.
 * The limit shrinks with the disk: entries take at most half of the sum of their own size and the free space.
 *
 * @returns bytes that may be stored before all entries must be measured again
 */
export async function evictEntries(options: EvictOptions): Promise<number> {
  const { entries, temporary, limitBytes, freeBytes = 0 } = options;
  await removeAbandoned(temporary);
  const found = (await readdir(entries)).map((name) => describeEntry(path.join(entries, name)));
  const leastRecentFirst = (await Promise.all(found))
    .filter((entry) => entry !== null)
    .toSorted((a, b) => a.usedAtMs - b.usedAtMs);
  let sizeBytes = leastRecentFirst.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  const { bavail, bsize } = await statfs(entries);
  const diskBytes = sizeBytes + bavail * bsize;
  const maxBytes = Math.max(0, Math.min(limitBytes, diskBytes / 2, diskBytes - freeBytes));
  for (const entry of leastRecentFirst) {
    if (sizeBytes <= maxBytes * (1 - slack)) break;
    sizeBytes -= entry.sizeBytes;
    await removeEntry(entry.path, temporary);
  }
  return maxBytes * slack;
}

async function removeAbandoned(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const draft = path.join(temporary, name);
    const stats = await nullIfMissing(stat(draft));
    if (stats !== null && Date.now() - stats.mtimeMs > abandonedMs)
      await rm(draft, { recursive: true, force: true });
  }
}

/** Null when another worker has just removed the entry. */
async function describeEntry(entry: string): Promise<Entry | null> {
  return await nullIfMissing(
    (async () => {
      const [{ mtimeMs }, names] = await Promise.all([stat(entry), readdir(entry)]);
      const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(entry, name))).size));
      return { path: entry, usedAtMs: mtimeMs, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) };
    })(),
  );
}

async function nullIfMissing<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
