import { createHash } from "node:crypto";
import { link, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { afterEach, beforeEach, expect, it } from "vitest";

import type { Upload } from "../../../dist/storage/film-store.js";
import { createFolderStore } from "../../../dist/storage/folder-store.js";

const signal = new AbortController().signal;
let base = "";
let folder = "";

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), "keepsake-folder-"));
  folder = path.join(base, "store");
});
afterEach(() => rm(base, { recursive: true }));

async function upload(text: string, overrides: Partial<Upload> = {}): Promise<Upload> {
  const file = path.join(base, "film.mp4");
  await writeFile(file, text);
  return {
    file,
    sizeBytes: Buffer.byteLength(text),
    sha256: createHash("sha256").update(text).digest("hex"),
    fingerprint: "f1",
    path: "3f0e.mp4",
    contentType: "video/mp4",
    signal,
    onBytes: () => undefined,
    fence: async () => undefined,
    ...overrides,
  };
}

const target = () => path.join(folder, "videos", "3f0e.mp4");
const open = () => createFolderStore({ folder, bucket: "videos" });

it("stores a complete film, and no other file that a player would find", async () => {
  const url = await open().put(await upload("a film"));
  expect(url).toBe(pathToFileURL(target()).href);
  expect(await readFile(target(), "utf8")).toBe("a film");
  expect((await readdir(path.join(folder, "videos"))).filter((name) => !name.startsWith("."))).toEqual([
    "3f0e.mp4",
  ]);
});

it("does not copy a film that is already stored, and replaces another one", async () => {
  const store = open();
  await store.put(await upload("a film"));
  const first = await stat(target());
  await store.put(await upload("a film", { fence: () => Promise.reject(new Error("not to be asked")) }));
  expect((await stat(target())).ino).toBe(first.ino);
  await store.put(await upload("another film"));
  expect(await readFile(target(), "utf8")).toBe("another film");
  // A file system may give the number of a removed file to the next one, so a second link keeps this one in use.
  await link(target(), path.join(folder, "second-link.mp4"));
  const second = await stat(target());
  await store.put(await upload("another film", { fingerprint: "f2" }));
  expect((await stat(target())).ino).not.toBe(second.ino);
});

it("keeps the old film when the lease is lost or the upload is stopped", async () => {
  const store = open();
  await store.put(await upload("a film"));
  const lost = new Error("the lease is lost");
  await expect(
    store.put(await upload("a zombie's film", { fence: () => Promise.reject(lost) })),
  ).rejects.toBe(lost);
  const stop = new Error("stopped");
  await expect(store.put(await upload("a stopped film", { signal: AbortSignal.abort(stop) }))).rejects.toBe(
    stop,
  );
  expect(await readFile(target(), "utf8")).toBe("a film");
  expect((await readdir(path.join(folder, "videos"))).filter((name) => name.startsWith(".upload"))).toEqual(
    [],
  );
});

it("checks before a film is made whether it can be stored", async () => {
  expect(await open().check(signal)).toMatchObject({ rejectedTypes: [] });
  await writeFile(folder, "a file in the way");
  await expect(open().put(await upload("a film"))).rejects.toMatchObject({ code: "storage-unavailable" });
});

async function read(reference: string): Promise<string> {
  const { objects } = open();
  const [object] = objects.locate(reference);
  if (object === undefined) throw new Error("not located");
  const opened = await objects.open(object, 0, null, signal);
  if ("location" in opened) throw new Error("sent elsewhere");
  const { body, sizeBytes } = opened;
  const pieces: Buffer[] = [];
  for await (const piece of body as AsyncIterable<Buffer>) pieces.push(piece);
  return `${Buffer.concat(pieces).toString()} of ${sizeBytes}`;
}

it("reads contributors' media by bucket and path", async () => {
  await mkdir(path.join(folder, "media", "deep"), { recursive: true });
  await writeFile(path.join(folder, "media", "deep", "note.ogg"), "0123456789");
  expect(await read("media/deep/note.ogg")).toBe("0123456789 of 10");
  await expect(read("media/deep/other.ogg")).rejects.toMatchObject({ code: "media-not-found" });
  await expect(read("media/deep")).rejects.toMatchObject({ code: "media-not-found" });
});

it("reads nothing outside its folder", async () => {
  const { objects } = open();
  await mkdir(path.join(folder, "media"), { recursive: true });
  await writeFile(path.join(base, "secret"), "secret");
  await symlink(path.join(base, "secret"), path.join(folder, "media", "link"));
  await symlink(base, path.join(folder, "media", "links"));
  for (const reference of ["media/link", "media/links/secret"]) {
    await expect(read(reference)).rejects.toMatchObject({ code: "media-not-found" });
  }
  for (const reference of [
    "media/../../secret",
    "../secret",
    pathToFileURL(path.join(base, "secret")).href,
  ]) {
    expect(objects.locate(reference)).toEqual([]);
  }
  const forged = objects.open({ bucket: "media", path: "../../secret" }, 0, null, signal);
  await expect(forged).rejects.toMatchObject({ code: "media-not-found" });
});
