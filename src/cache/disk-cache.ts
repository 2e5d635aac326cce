/**
 * What was made once and may be wanted again, kept on disk under a hash of what it was made from. Several workers
 * share one folder without talking: an entry appears whole by a rename, disappears by a rename, and is checked
 * whenever it is taken. Trouble with the cache (a full disk, a damaged entry) costs what it holds, never the film.
 */
import { randomUUID } from "node:crypto";
import { chmod, copyFile, link, lstat, mkdir, rename, rm, utimes } from "node:fs/promises";
import path from "node:path";

import { describeFile } from "../describe-file.js";
import type { Log } from "../log.js";
import { readManifest, writeManifest, type CachedFile } from "./entry-manifest.js";
import { evictEntries } from "./evict-entries.js";

export interface CacheContent<Value> {
  /** Any JSON value. */
  readonly value: Value;
  /** Paths by the names the files have in the entry. */
  readonly files: Readonly<Record<string, string>>;
}

export interface TakenEntry<Value> {
  readonly value: Value;
  /** By the names the files have in the entry; `path` is where `placeOf` said. */
  readonly files: Readonly<Record<string, CachedFile & { readonly path: string }>>;
}

export interface DiskCache {
  /**
   * Hands out an entry, checked, and counts as its use. Its files are hard-linked (or copied) to where the caller
   * wants them and stay there whatever becomes of the entry. They are only for reading.
   * @param key from `cacheKey`
   * @param placeOf where a file of that name goes; what lies there is replaced
   * @returns null when there is no such entry
   */
  take<Value>(key: string, placeOf?: (name: string) => string): Promise<TakenEntry<Value> | null>;
  /** Keeps an entry; its files are linked (or copied) and must not be written to from now on. */
  put<Value>(key: string, content: CacheContent<Value>): Promise<void>;
  /** Forgets an entry that turned out to be wrong. */
  drop(key: string): Promise<void>;
}

export interface DiskCacheOptions {
  /** Made if missing, for this user alone: it holds people's pictures. May be removed at any time. */
  readonly folder: string;
  /** Of all entries together; 0 keeps nothing. Never more than half of what the disk has for them. */
  readonly limitBytes: number;
  readonly log: Log;
}

/** For whoever wants none. */
export const noCache: DiskCache = {
  take: () => Promise.resolve(null),
  put: () => Promise.resolve(),
  drop: () => Promise.resolve(),
};

export function createDiskCache({ folder, limitBytes, log }: DiskCacheOptions): DiskCache {
  if (limitBytes === 0) return noCache;
  const entries = path.join(folder, "entries");
  const temporary = path.join(folder, "temporary");
  const privatePath = () => path.join(temporary, randomUUID());
  let ready: Promise<void> | null = null;
  /** Bytes that may still be put before the next look at all entries; the first put has that look at once. */
  let sparedBytes = 0;

  return {
    async take<Value>(key: string, placeOf?: (name: string) => string) {
      try {
        await (ready ??= prepareFolders());
        return await takeEntry<Value>(key, placeOf);
      } catch (error) {
        if (!isAbsent(error)) warn(error, "an entry of the cache could not be used");
        return null;
      }
    },
    async drop(key) {
      try {
        await remove(path.join(entries, key));
      } catch (error) {
        if (!isAbsent(error)) warn(error, "an entry of the cache could not be removed");
      }
    },
    async put(key, content) {
      const draft = privatePath();
      try {
        await (ready ??= prepareFolders());
        await mkdir(draft, { mode: 0o700 });
        const sizeBytes = await fillEntry(draft, content);
        if (sizeBytes > limitBytes / 2) return;
        await rename(draft, path.join(entries, key));
        sparedBytes -= sizeBytes;
        if (sparedBytes < 0) sparedBytes = await evictEntries({ entries, temporary, limitBytes });
      } catch (error) {
        if (!isTaken(error)) warn(error, "an entry could not be kept in the cache");
      } finally {
        await rm(draft, { recursive: true, force: true }).catch(() => undefined);
      }
    },
  };

  async function prepareFolders(): Promise<void> {
    for (const each of [folder, entries, temporary]) {
      await mkdir(each, { recursive: true, mode: 0o700 });
      const { uid } = await lstat(each);
      if (process.getuid !== undefined && uid !== process.getuid())
        throw new Error(`${each} belongs to another user`);
      await chmod(each, 0o700);
    }
  }

  async function takeEntry<Value>(
    key: string,
    placeOf: ((name: string) => string) | undefined,
  ): Promise<TakenEntry<Value> | null> {
    const entry = path.join(entries, key);
    if (!(await exists(entry))) return null;
    const manifest = await readManifest<Value>(entry);
    if (manifest === null) return await discard(entry);
    const files: Record<string, CachedFile & { readonly path: string }> = {};
    if (placeOf !== undefined) {
      for (const [name, kept] of Object.entries(manifest.files)) {
        const place = placeOf(name);
        files[name] = { ...kept, path: place };
        if (await isPlaced(path.join(entry, name), place, kept)) continue;
        // Whoever writes to a link that is left would write into the entry and into other films.
        await Promise.all(Object.values(files).map((file) => rm(file.path, { force: true })));
        return await discard(entry);
      }
    }
    const now = new Date();
    await utimes(entry, now, now);
    return { value: manifest.value, files };
  }

  /** For an entry that is not what it was. */
  async function discard(entry: string): Promise<null> {
    log.warn("removed a damaged entry of the cache");
    await remove(entry);
    return null;
  }

  /** Out of sight first, so that nobody finds half of it. */
  async function remove(entry: string): Promise<void> {
    const grave = privatePath();
    await rename(entry, grave);
    await rm(grave, { recursive: true, force: true });
  }

  function warn(error: unknown, what: string): void {
    const { code, message } = error as NodeJS.ErrnoException;
    log.warn({ reason: code ?? message }, what);
  }
}

/** @returns false when the file is not there any more, or not what it was */
async function isPlaced(kept: string, place: string, expected: CachedFile): Promise<boolean> {
  await rm(place, { force: true });
  try {
    await linkOrCopy(kept, place);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
  return (await describeFile(place)).sha256 === expected.sha256;
}

async function exists(entry: string): Promise<boolean> {
  return await lstat(entry).then(
    () => true,
    (error: unknown) => {
      if (isAbsent(error)) return false;
      throw error;
    },
  );
}

/** @returns bytes of the entry */
async function fillEntry(entry: string, { value, files }: CacheContent<unknown>): Promise<number> {
  const kept: Record<string, CachedFile> = {};
  for (const [name, file] of Object.entries(files)) {
    const place = path.join(entry, name);
    await linkOrCopy(file, place);
    const { sizeBytes, sha256 } = await describeFile(place);
    kept[name] = { sizeBytes, sha256 };
  }
  return await writeManifest(entry, { value, files: kept });
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    // Another filesystem, one without hard links, or one file with too many.
    const { code } = error as NodeJS.ErrnoException;
    if (!["EXDEV", "EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP"].includes(code ?? "")) throw error;
    await copyFile(from, to);
  }
}

/** Another worker removed the entry, or there never was one. */
function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

/** Another worker put the same entry first: a folder that is not empty lies there. */
function isTaken(error: unknown): boolean {
  return ["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "");
}
