/**
 * Stores results that may be needed again on disk, under a hash of their inputs. Several workers share one
 * folder without communicating: an entry appears complete by a rename, disappears by a rename, and is checked whenever it
 * is read. A problem with the cache (a full disk, a damaged entry) costs the cached work, never the film.
 */
import { randomUUID } from "node:crypto";
import { chmod, lstat, mkdir, rename, rm, utimes } from "node:fs/promises";
import path from "node:path";

import { exists, isMissing } from "../files/is-missing.js";
import type { Log } from "../log.js";
import { makeFolder } from "../files/make-folder.js";
import { cacheKey } from "./cache-key.js";
import { fillEntry, placeFile } from "./entry-files.js";
import { readManifest, type CachedFile } from "./entry-manifest.js";
import { markOwner, removeOwned } from "./entry-owners.js";
import { evictEntries } from "./evict-entries.js";
import { hashCode } from "./hash-code.js";
import { removeEntry } from "./remove-entry.js";

export interface CacheContent<Value> {
  /** Any JSON value. */
  readonly value: Value;
  /** Paths of the files to store, by their names in the entry. */
  readonly files: Readonly<Record<string, string>>;
}

export interface CachedEntry<Value> {
  readonly value: Value;
  /** Files by their names in the entry; `path` is the result of `placeOf`. */
  readonly files: Readonly<Record<string, CachedFile & { readonly path: string }>>;
}

export interface DiskCache {
  /**
   * Reads and checks an entry, and records this use. Its files are hard-linked (or copied) to the paths of `placeOf` and
   * stay there even when the entry is removed. They must not be written to.
   *
   * @param key from `cacheKey`; the version of the code is part of every entry's name and need not be in the key
   * @param placeOf returns the path for a file of that name; an existing file there is replaced
   * @returns null when there is no such entry
   */
  get<Value>(key: string, placeOf?: (name: string) => string): Promise<CachedEntry<Value> | null>;
  /** Stores an entry. Its files are linked (or copied) and must not be written to from now on. */
  store<Value>(key: string, content: CacheContent<Value>): Promise<void>;
  /** Removes an entry that turned out to be wrong. */
  remove(key: string): Promise<void>;
  /** Removes the least recently used entries until this many bytes of its disk are free, or no entry is left. */
  makeRoom(freeBytes: number): Promise<void>;
  /** The same cache; entries that are read or stored through it are marked with this owner. */
  ownedBy(owner: string): DiskCache;
  /**
   * Removes the entries that were read or stored for these owners and for no one else.
   *
   * @returns how many were removed
   * @throws the system's error
   */
  forget(owners: readonly string[]): Promise<number>;
}

export interface DiskCacheOptions {
  /** Created if missing, for this user alone, because it contains people's pictures. It may be removed at any time. */
  readonly folder: string;
  /** Limit of all entries together; 0 stores nothing. Entries never take more than half of the disk's free space. */
  readonly limitBytes: number;
  readonly log: Log;
}

/** A cache that stores nothing, for use when caching is turned off. */
export const noCache: DiskCache = {
  get: () => Promise.resolve(null),
  store: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  makeRoom: () => Promise.resolve(),
  ownedBy: () => noCache,
  forget: () => Promise.resolve(0),
};

export function createDiskCache({ folder, limitBytes, log }: DiskCacheOptions): DiskCache {
  const entries = path.join(folder, "entries");
  const temporary = path.join(folder, "temporary");
  let codeHash: Promise<string> | null = null;
  let hasWarned = false;
  /** Bytes that may be stored before all entries are measured again; 0 at first, so the first store measures them. */
  let bytesUntilEviction = 0;
  const forget = async (owners: readonly string[]): Promise<number> => {
    if (!(await exists(entries))) return 0;
    await makeFolders();
    return await removeOwned(entries, temporary, owners);
  };
  // Entries from before the cache was turned off must still be removable.
  return limitBytes === 0 ? { ...noCache, forget } : openFor(null);

  function openFor(owner: string | null): DiskCache {
    return {
      ownedBy: openFor,
      forget,
      async get<Value>(key: string, placeOf?: (name: string) => string) {
        try {
          const entry = await entryOf(key);
          const cached = await readEntry<Value>(entry, placeOf);
          if (cached !== null && owner !== null) await markOwner(entry, owner);
          return cached;
        } catch (error) {
          if (!isMissing(error)) warn(error, "an entry of the cache could not be used");
          return null;
        }
      },
      async remove(key) {
        try {
          await removeEntry(await entryOf(key), temporary);
        } catch (error) {
          warn(error, "an entry of the cache could not be removed");
        }
      },
      async makeRoom(freeBytes) {
        try {
          await makeFolders();
          bytesUntilEviction = await evictEntries({ entries, temporary, limitBytes, freeBytes });
        } catch (error) {
          warn(error, "the cache could not free disk space");
        }
      },
      async store(key, content) {
        const draft = path.join(temporary, randomUUID());
        try {
          const entry = await entryOf(key);
          await mkdir(draft, { mode: 0o700 });
          const sizeBytes = await fillEntry(draft, content);
          if (owner !== null) await markOwner(draft, owner);
          if (sizeBytes > limitBytes / 2) return;
          await rename(draft, entry);
          bytesUntilEviction -= sizeBytes;
          if (bytesUntilEviction < 0)
            bytesUntilEviction = await evictEntries({ entries, temporary, limitBytes });
        } catch (error) {
          if (!isAlreadyStored(error)) warn(error, "an entry could not be stored in the cache");
          else if (owner !== null) await markOwner(await entryOf(key), owner);
        } finally {
          await rm(draft, { recursive: true, force: true }).catch(() => undefined);
        }
      },
    };
  }

  /** The code's hash is part of the name, so that entries of another version are never found. */
  async function entryOf(key: string): Promise<string> {
    await makeFolders();
    return path.join(entries, cacheKey(await (codeHash ??= hashCode()), key));
  }

  /** The folders are checked every time: a cleanup may have removed them, and another user may have created them. */
  async function makeFolders(): Promise<void> {
    for (const each of [folder, entries, temporary]) {
      await makeFolder(each);
      const { uid, mode } = await lstat(each);
      if (process.getuid !== undefined && uid !== process.getuid())
        throw new Error(`${each} belongs to another user`);
      // The cache's own folder is left as it is: the operator may have created it with other permissions.
      if (each !== folder && (mode & 0o077) !== 0) await chmod(each, 0o700);
    }
  }

  async function readEntry<Value>(
    entry: string,
    placeOf: ((name: string) => string) | undefined,
  ): Promise<CachedEntry<Value> | null> {
    if (!(await exists(entry))) return null;
    const manifest = await readManifest<Value>(entry);
    if (manifest === null) return await discard(entry);
    const files: Record<string, CachedFile & { readonly path: string }> = {};
    if (placeOf !== undefined) {
      for (const [name, file] of Object.entries(manifest.files)) {
        const place = placeOf(name);
        files[name] = { ...file, path: place };
        if (await placeFile(path.join(entry, name), place, file)) continue;
        // Writing to a remaining link would change the entry and other films.
        await Promise.all(Object.values(files).map((placed) => rm(placed.path, { force: true })));
        return await discard(entry);
      }
    }
    const now = new Date();
    // If another worker has just removed the entry, the links to its files remain usable.
    await utimes(entry, now, now).catch(() => undefined);
    return { value: manifest.value, files };
  }

  /** Removes a damaged entry. If another worker has just removed it, it was missing and not damaged. */
  async function discard(entry: string): Promise<null> {
    if (await removeEntry(entry, temporary)) log.warn("removed a damaged entry of the cache");
    return null;
  }

  /** Warns only once: if one entry fails, so do the others, and films are made without them. */
  function warn(error: unknown, what: string): void {
    const { code, message } = error as NodeJS.ErrnoException;
    log[hasWarned ? "debug" : "warn"]({ reason: code ?? message }, what);
    hasWarned = true;
  }
}

/** Whether a rename failed because another worker stored the same entry first: its folder is there and not empty. */
function isAlreadyStored(error: unknown): boolean {
  return ["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "");
}
