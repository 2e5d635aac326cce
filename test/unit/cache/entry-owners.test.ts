import { mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { cacheKey } from "../../../dist/cache/cache-key.js";
import { createDiskCache, noCache, type DiskCache } from "../../../dist/cache/disk-cache.js";
import { createLog } from "../../../dist/log.js";

const log = createLog("silent", false);
const keys = { of: (what: string) => cacheKey("test", what) };

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "keepsake-test-"));
  folder = path.join(root, "cache");
});
afterEach(() => rm(root, { recursive: true }));

const openCache = (limitBytes = 1_000_000): DiskCache => createDiskCache({ folder, limitBytes, log });

async function put(cache: DiskCache, what: string): Promise<void> {
  const file = path.join(root, `made-${what}`);
  await writeFile(file, what);
  await cache.store(keys.of(what), { value: what, files: { "a.txt": file } });
}

const isKept = async (what: string): Promise<boolean> => (await openCache().get(keys.of(what))) !== null;

it("removes only entries that were stored or read for the forgotten owner and no one else", async () => {
  const cache = openCache();
  const [ada, ben] = [cache.ownedBy("ada"), cache.ownedBy("ben")];
  await put(ada, "hers");
  await put(ada, "both took");
  await put(ben, "his");
  await put(ben, "both put");
  await put(ada, "both put");
  await put(cache, "nobody's");
  expect(await ben.get(keys.of("both took"))).not.toBeNull();
  expect(await cache.forget(["ada"])).toBe(1);
  expect(await isKept("hers")).toBe(false);
  for (const what of ["both took", "his", "both put", "nobody's"])
    expect(await isKept(what), what).toBe(true);
  // Now Ben is the only owner.
  expect(await cache.forget(["ben"])).toBe(3);
  for (const what of ["both took", "his", "both put"]) expect(await isKept(what), what).toBe(false);
  expect(await isKept("nobody's")).toBe(true);
  expect(await readdir(path.join(folder, "temporary"))).toEqual([]);
});

it("forgets several owners at once, and ignores owners who are unknown or already forgotten", async () => {
  const cache = openCache();
  await put(cache.ownedBy("ada"), "one");
  await put(cache.ownedBy("ben"), "one");
  expect(await cache.forget(["ada", "ben"])).toBe(1);
  expect(await cache.forget(["ada", "ben", "cleo"])).toBe(0);
  const unused = path.join(root, "new");
  expect(await createDiskCache({ folder: unused, limitBytes: 9, log }).forget(["ada"])).toBe(0);
  await expect(stat(unused)).rejects.toMatchObject({ code: "ENOENT" });
  expect(await noCache.ownedBy("ada").forget(["ada"])).toBe(0);
});

it("does not count forgetting as a use of shared entries, and stores no names of owners", async () => {
  const cache = openCache();
  await put(cache.ownedBy("ada"), "shared");
  await put(cache.ownedBy("ben"), "shared");
  const entries = path.join(folder, "entries");
  const [entry = ""] = await readdir(entries);
  const place = path.join(entries, entry);
  expect((await readdir(place)).join()).not.toMatch(/ada|ben/);
  await utimes(place, 1000, 1000);
  await cache.forget(["ada"]);
  expect((await stat(place)).mtimeMs).toBe(1_000_000);
});

it("removes entries that were stored before the cache was turned off", async () => {
  await put(openCache().ownedBy("ada"), "hers");
  expect(await openCache(0).forget(["ada"])).toBe(1);
  expect(await isKept("hers")).toBe(false);
});
