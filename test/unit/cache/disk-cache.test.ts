import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { cacheKey } from "../../../dist/cache/cache-key.js";
import { createDiskCache, type DiskCache } from "../../../dist/cache/disk-cache.js";
import { createLog } from "../../../dist/log.js";

const log = createLog("silent", false);
const key = cacheKey("test", ["one"]);

let root: string;
let cacheFolder: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "keepsake-test-"));
  cacheFolder = path.join(root, "cache");
});
afterEach(() => rm(root, { recursive: true }));

const openCache = (limitBytes = 1_000_000): DiskCache =>
  createDiskCache({ folder: cacheFolder, limitBytes, log });
const inRoot = (name: string): string => path.join(root, name);
/** Path of the only entry. */
async function findEntry(): Promise<string> {
  const entries = path.join(cacheFolder, "entries");
  const [name] = await readdir(entries);
  if (name === undefined) throw new Error("there is no entry");
  return path.join(entries, name);
}

async function storeFile(cache: DiskCache, of: string, text: string): Promise<void> {
  const file = inRoot(`made-${of}`);
  await writeFile(file, text);
  await cache.store(of, { value: text.length, files: { "a.txt": file } });
}

it("returns a stored entry, to another worker too", async () => {
  await storeFile(openCache(), key, "hello");
  const cached = await openCache().get<number>(key, (name) => inRoot(`cached-${name}`));
  expect(cached?.value).toBe(5);
  expect(cached?.files["a.txt"]).toMatchObject({ path: inRoot("cached-a.txt"), sizeBytes: 5 });
  expect(await readFile(inRoot("cached-a.txt"), "utf8")).toBe("hello");
});

it("returns null for a key that was never stored", async () => {
  expect(await openCache().get(key)).toBeNull();
});

it("stores a value without files", async () => {
  await openCache().store(key, { value: { focus: [0.5, 0.25] }, files: {} });
  expect((await openCache().get(key))?.value).toEqual({ focus: [0.5, 0.25] });
});

it("leaves a file that was read from an entry in place when the entry is removed", async () => {
  const cache = openCache();
  await storeFile(cache, key, "hello");
  await cache.get(key, inRoot);
  await rm(cacheFolder, { recursive: true });
  expect(await readFile(inRoot("a.txt"), "utf8")).toBe("hello");
});

it("creates its folder again after someone has removed it", async () => {
  const cache = openCache();
  await storeFile(cache, key, "hello");
  await rm(cacheFolder, { recursive: true });
  expect(await cache.get(key)).toBeNull();
  await rm(cacheFolder, { recursive: true });
  await storeFile(cache, key, "hello");
  expect((await cache.get(key))?.value).toBe(5);
});

it("stores entries that only this user can read", async () => {
  await storeFile(openCache(), key, "hello");
  for (const folder of [cacheFolder, path.join(cacheFolder, "entries"), await findEntry()]) {
    expect((await stat(folder)).mode & 0o077, folder).toBe(0);
  }
});

it("does not change the permissions of a cache folder that existed before", async () => {
  await mkdir(cacheFolder);
  await chmod(cacheFolder, 0o755);
  await storeFile(openCache(), key, "hello");
  expect((await stat(cacheFolder)).mode & 0o777).toBe(0o755);
  expect((await stat(path.join(cacheFolder, "entries"))).mode & 0o777).toBe(0o700);
});

it.each([
  ["a file that was changed", (entry: string) => writeFile(path.join(entry, "a.txt"), "hellO")],
  ["a file that was cut", (entry: string) => writeFile(path.join(entry, "a.txt"), "hell")],
  ["a file that is gone", (entry: string) => rm(path.join(entry, "a.txt"))],
  ["a manifest that was changed", (entry: string) => writeFile(path.join(entry, "manifest"), "0\n{}")],
  ["a manifest that is empty", (entry: string) => writeFile(path.join(entry, "manifest"), "")],
  ["a manifest that is gone", (entry: string) => rm(path.join(entry, "manifest"))],
])("treats an entry with %s as absent, removes it, and can store it again", async (_what, damage) => {
  const cache = openCache();
  await storeFile(cache, key, "hello");
  await rm(inRoot(`made-${key}`));
  await damage(await findEntry());
  expect(await cache.get(key, inRoot)).toBeNull();
  expect(await readdir(path.join(cacheFolder, "entries"))).toEqual([]);
  expect(await readdir(path.join(cacheFolder, "temporary"))).toEqual([]);
  // No link remains through which the entry could be written to.
  expect(await readdir(root)).toEqual(["cache"]);
  await storeFile(cache, key, "hello");
  expect(await cache.get(key, inRoot)).not.toBeNull();
});

it("keeps the first of two entries that are stored under one key", async () => {
  const cache = openCache();
  await storeFile(cache, key, "hello");
  await storeFile(cache, key, "other");
  expect((await cache.get(key))?.value).toBe(5);
  expect(await readdir(path.join(cacheFolder, "temporary"))).toEqual([]);
});

it("removes the least recently used entries when the cache is full", async () => {
  const cache = openCache(10_000);
  const entries = path.join(cacheFolder, "entries");
  const aged = new Set<string>();
  for (const [second, name] of ["a", "b", "c"].entries()) {
    await storeFile(cache, name, name.repeat(2500));
    for (const entry of await readdir(entries)) {
      if (!aged.has(entry)) await utimes(path.join(entries, entry), 0, second);
      aged.add(entry);
    }
  }
  await cache.get("a", inRoot);
  await storeFile(cache, "d", "d".repeat(2500));
  const isCached = await Promise.all(
    ["a", "b", "c", "d"].map(async (name) => (await cache.get(name)) !== null),
  );
  expect(isCached).toEqual([true, false, true, true]);
});

it("does not store an entry that would fill half of the cache", async () => {
  await storeFile(openCache(1000), key, "x".repeat(600));
  expect(await readdir(path.join(cacheFolder, "entries"))).toEqual([]);
});

it("removes unfinished entries of killed workers, but not entries that are being made", async () => {
  const abandoned = path.join(cacheFolder, "temporary", "abandoned");
  const fresh = path.join(cacheFolder, "temporary", "fresh");
  await mkdir(abandoned, { recursive: true });
  await mkdir(fresh);
  await utimes(abandoned, 0, 0);
  await storeFile(openCache(), key, "hello");
  expect(await readdir(path.join(cacheFolder, "temporary"))).toEqual(["fresh"]);
});

it("stores nothing when the cache is turned off", async () => {
  const cache = openCache(0);
  await storeFile(cache, key, "hello");
  expect(await cache.get(key)).toBeNull();
  expect(await readdir(root)).toEqual([`made-${key}`]);
});

it("only warns when the cache folder cannot be used", async () => {
  await writeFile(cacheFolder, "a file where the folder should be");
  const cache = openCache();
  await storeFile(cache, key, "hello");
  expect(await cache.get(key, inRoot)).toBeNull();
});

it("makes stable cache keys that differ by kind and by inputs", () => {
  expect(cacheKey("a", { b: 1 })).toBe(cacheKey("a", { b: 1 }));
  expect(cacheKey("a", { b: 1 })).not.toBe(cacheKey("b", { b: 1 }));
  expect(cacheKey("a", { b: 1 })).not.toBe(cacheKey("a", { b: 2 }));
  expect(cacheKey("a", [])).toMatch(/^[\da-f]{64}$/);
});
