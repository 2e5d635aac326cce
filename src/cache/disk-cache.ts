/**
 * What was made once and may be wanted again, kept on disk under a hash of what it was made from. Several workers
 * share one folder without talking: an entry appears whole by a rename, disappears by a rename, and is checked
 * whenever it is taken. Trouble with the cache (a full disk, a damaged entry) costs what it holds, never the film.
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

export interface CacheContent<Value> {
  /** Any JSON value. */
  readonly value: Value;
  /** Paths by the names the files have in the entry. */
  readonly files: Readonly<Record<string, string>>;
}

export interface CachedEntry<Value> {
  readonly value: Value;
  /** By the names the files have in the entry; `path` is where `placeOf` said. */
  readonly files: Readonly<Record<string, CachedFile & { readonly path: string }>>;
}

export interface DiskCache {
  /**
   * Hands out an entry, checked, and counts as its use. Its files are hard-linked (or copied) to where the caller
   * wants them and stay there whatever becomes of the entry. They are only for reading.
   * @param key from `cacheKey`; the version of the code is part of every name and needs no mention in it
   * @param placeOf where a file of that name goes; what lies there is replaced
   * @returns null when there is no such entry
   */
  get<Value>(key: string, placeOf?: (name: string) => string): Promise<CachedEntry<Value> | null>;
  /** Keeps an entry; its files are linked (or copied) and must not be written to from now on. */
  store<Value>(key: string, content: CacheContent<Value>): Promise<void>;
  /** Forgets an entry that turned out to be wrong. */
  remove(key: string): Promise<void>;
  /** Lets go of what was not used for the longest time until so much of its disk is free, as far as it can. */
  makeRoom(freeBytes: number): Promise<void>;
  /** The same cache, whose entries are put and taken for this owner. */
  ownedBy(owner: string): DiskCache;
  /**
   * Removes the entries that were put or taken for these owners and for nobody else.
   * @returns how many there were
   * @throws what the disk says
   */
  forget(owners: readonly string[]): Promise<number>;
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
  const privatePath = () => path.join(temporary, randomUUID());
  let codeHash: Promise<string> | null = null;
  let warned = false;
  /** Bytes that may still be put before the next look at all entries; the first put has that look at once. */
  let sparedBytes = 0;
  const forget = async (owners: readonly string[]): Promise<number> => {
    if (!(await exists(entries))) return 0;
    await makeFolders();
    return await removeOwned(entries, temporary, owners);
  };
  // What was kept before it was turned off may have to go all the same.
  return limitBytes === 0 ? { ...noCache, forget } : openFor(null);

  function openFor(owner: string | null): DiskCache {
    return {
      ownedBy: openFor,
      forget,
      async get<Value>(key: string, placeOf?: (name: string) => string) {
        try {
          const entry = await entryOf(key);
          const taken = await getEntry<Value>(entry, placeOf);
          if (taken !== null && owner !== null) await markOwner(entry, owner);
          return taken;
        } catch (error) {
          if (!isMissing(error)) warn(error, "an entry of the cache could not be used");
          return null;
        }
      },
      async remove(key) {
        try {
          await removeEntry(await entryOf(key));
        } catch (error) {
          if (!isMissing(error)) warn(error, "an entry of the cache could not be removed");
        }
      },
      async makeRoom(freeBytes) {
        try {
          await makeFolders();
          sparedBytes = await evictEntries({ entries, temporary, limitBytes, freeBytes });
        } catch (error) {
          warn(error, "the cache could not make room");
        }
      },
      async store(key, content) {
        const draft = privatePath();
        try {
          const entry = await entryOf(key);
          await mkdir(draft, { mode: 0o700 });
          const sizeBytes = await fillEntry(draft, content);
          if (owner !== null) await markOwner(draft, owner);
          if (sizeBytes > limitBytes / 2) return;
          await rename(draft, entry);
          sparedBytes -= sizeBytes;
          if (sparedBytes < 0) sparedBytes = await evictEntries({ entries, temporary, limitBytes });
        } catch (error) {
          if (!isTaken(error)) warn(error, "an entry could not be kept in the cache");
          else if (owner !== null) await markOwner(await entryOf(key), owner);
        } finally {
          await rm(draft, { recursive: true, force: true }).catch(() => undefined);
        }
      },
    };
  }

  /** What another version of the code made has another name. */
  async function entryOf(key: string): Promise<string> {
    await makeFolders();
    return path.join(entries, cacheKey(await (codeHash ??= hashCode()), key));
  }

  /** Each time: whoever tidies up the disk may have removed them since, and somebody else may have made them. */
  async function makeFolders(): Promise<void> {
    for (const each of [folder, entries, temporary]) {
      await makeFolder(each);
      const { uid, mode } = await lstat(each);
      if (process.getuid !== undefined && uid !== process.getuid())
        throw new Error(`${each} belongs to another user`);
      // Not the folder itself: it may be one that was there before, with rights of its own.
      if (each !== folder && (mode & 0o077) !== 0) await chmod(each, 0o700);
    }
  }

  async function getEntry<Value>(
    entry: string,
    placeOf: ((name: string) => string) | undefined,
  ): Promise<CachedEntry<Value> | null> {
    if (!(await exists(entry))) return null;
    const manifest = await readManifest<Value>(entry);
    if (manifest === null) return await discard(entry);
    const files: Record<string, CachedFile & { readonly path: string }> = {};
    if (placeOf !== undefined) {
      for (const [name, kept] of Object.entries(manifest.files)) {
        const place = placeOf(name);
        files[name] = { ...kept, path: place };
        if (await placeFile(path.join(entry, name), place, kept)) continue;
        // Whoever writes to a link that is left would write into the entry and into other films.
        await Promise.all(Object.values(files).map((file) => rm(file.path, { force: true })));
        return await discard(entry);
      }
    }
    const now = new Date();
    // Where another worker has just let it go, its files are in our hands all the same.
    await utimes(entry, now, now).catch(() => undefined);
    return { value: manifest.value, files };
  }

  /** For an entry that is not what it was, unless another worker has just let it go. */
  async function discard(entry: string): Promise<null> {
    await removeEntry(entry);
    log.warn("removed a damaged entry of the cache");
    return null;
  }

  /** Out of sight first, so that nobody finds half of it. */
  async function removeEntry(entry: string): Promise<void> {
    const grave = privatePath();
    await rename(entry, grave);
    await rm(grave, { recursive: true, force: true });
  }

  /** Once: where one entry fails, all do, and films go on. */
  function warn(error: unknown, what: string): void {
    const { code, message } = error as NodeJS.ErrnoException;
    log[warned ? "debug" : "warn"]({ reason: code ?? message }, what);
    warned = true;
  }
}

/** Another worker put the same entry first: a folder that is not empty lies there. */
function isTaken(error: unknown): boolean {
  return ["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "");
}
