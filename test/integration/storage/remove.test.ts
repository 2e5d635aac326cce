import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createFolderStore } from "../../../dist/storage/folder-store.js";
import { megabyte, openStorageRig, type StorageRig } from "./storage-rig.js";

const never = new AbortController().signal;
const objects = ["3f0e.mp4", "3f0e.jpg", "3f0e.vtt"];

describe("removal from Storage", () => {
  let rig: StorageRig | null = null;
  afterEach(async () => {
    await rig?.[Symbol.asyncDispose]();
    rig = null;
  });

  it.each(["videos", "closed"])(
    "removes the objects from bucket %s, and reports only those that existed",
    async (bucket) => {
      rig = await openStorageRig();
      const store = rig.open({ bucket });
      await store.put(rig.upload("small"));
      await store.put(rig.upload("small", { path: "3f0e.jpg" }));
      await store.put(rig.upload("small", { path: "neighbour.mp4" }));
      expect(await store.remove(objects, never)).toEqual(["3f0e.mp4", "3f0e.jpg"]);
      expect([...rig.server.objects.keys()]).toEqual([`${bucket}/neighbour.mp4`]);
      expect(await store.remove(objects, never)).toEqual([]);
    },
  );

  it("reports a missing bucket or a rejected key instead of missing objects", async () => {
    rig = await openStorageRig();
    await expect(rig.open({ bucket: "none" }).remove(objects, never)).rejects.toMatchObject({
      code: "storage-bucket-missing",
    });
    await expect(rig.open({ serviceKey: "eyJwrong.e30.key" }).remove(objects, never)).rejects.toMatchObject({
      code: "storage-key-refused",
    });
  });

  it("retries temporary errors, and fails with lasting ones", async () => {
    let failures = 0;
    rig = await openStorageRig({
      intercept: ({ method, url }, response) => {
        if (method !== "DELETE" || failures === 0 || url === undefined) return false;
        failures -= 1;
        response.writeHead(503).end();
        return true;
      },
    });
    const store = rig.open({ retrySeconds: 4 });
    await store.put(rig.upload("small"));
    failures = 1;
    expect(await store.remove(objects, never)).toEqual(["3f0e.mp4"]);
    await store.put(rig.upload("small"));
    failures = Infinity;
    await expect(rig.open({ retrySeconds: 0.1 }).remove(objects, never)).rejects.toMatchObject({
      code: "storage-unavailable",
    });
    expect(rig.server.objects.has("videos/3f0e.mp4")).toBe(true);
  });

  it("cancels the uploads that an attempt on this machine did not finish", async () => {
    rig = await openStorageRig();
    const { upload, open, server } = rig;
    const stop = new AbortController();
    const begun = upload("large", {
      signal: stop.signal,
      onBytes: (sent) => sent > 7 * megabyte && stop.abort(new Error("stopped")),
    });
    await expect(open().put(begun)).rejects.toThrow("stopped");
    const uploads = () => server.requests.filter(({ path: to }) => /upload\/resumable\/./.test(to));
    const { path: place = "" } = uploads().at(-1) ?? {};
    expect(await open({ bucket: "closed" }).cancelUploads(objects, never)).toBe(0);
    expect(await open().cancelUploads(["other.mp4"], never)).toBe(0);
    expect(await open().cancelUploads(objects, never)).toBe(1);
    expect(await open().cancelUploads(objects, never)).toBe(0);
    // The server has it no more, so the next attempt begins again.
    const asked = await fetch(new URL(place, server.url), {
      method: "HEAD",
      headers: {
        "tus-resumable": "1.0.0",
        "x-upsert": "true",
        apikey: legacy,
        authorization: `Bearer ${legacy}`,
      },
    });
    expect([404, 410]).toContain(asked.status);
    await open().put(upload("large"));
    expect(server.objects.get("videos/3f0e.mp4")?.bytes.length).toBe(rig.files.large.length);
  });
});

const legacy = "eyJhbGciOiJIUzI1NiJ9.e30.test-service-role-key";

describe("removal from a folder", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "keepsake-folder-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("also removes the metadata beside a film, and unfinished copies of a killed worker", async () => {
    const store = createFolderStore({ folder, bucket: "videos" });
    const bucket = path.join(folder, "videos");
    expect(await store.remove(objects, never)).toEqual([]);
    await mkdir(bucket);
    for (const name of [
      "3f0e.mp4",
      ".3f0e.mp4.json",
      "3f0e.vtt",
      ".upload-3f0e.mp4-1",
      ".upload-9.mp4-1",
      "9.mp4",
    ]) {
      await writeFile(path.join(bucket, name), "x");
    }
    expect(await store.remove(objects, never)).toEqual(["3f0e.mp4", "3f0e.vtt"]);
    expect((await readdir(bucket)).toSorted()).toEqual([".upload-9.mp4-1", "9.mp4"]);
    expect(await store.cancelUploads(["9.mp4"], never)).toBe(1);
    expect(await readdir(bucket)).toEqual(["9.mp4"]);
  });
});
