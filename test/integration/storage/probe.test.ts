import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { createFolderStore } from "../../../dist/storage/folder-store.js";
import { impatient, openStorageRig } from "./storage-rig.js";

const never = new AbortController().signal;

describe("a probe of Supabase Storage", () => {
  it("succeeds when films can be stored, and leaves nothing behind", async () => {
    await using rig = await openStorageRig();
    await rig.open().probe(never);
    expect([rig.sent("POST"), rig.sent("DELETE")]).toEqual([1, 1]);
    expect([...rig.server.objects.keys()]).toEqual([]);
  });

  it("fails when the bucket can be read but not written to", async () => {
    await using rig = await openStorageRig({
      intercept(request, response) {
        if (request.method !== "POST") return false;
        request.resume().on("end", () => response.writeHead(503).end("read only"));
        return true;
      },
    });
    await expect(rig.open(impatient).check(never)).rejects.toMatchObject({ code: "storage-unavailable" });
    await expect(rig.open(impatient).probe(never)).rejects.toMatchObject({ code: "storage-unavailable" });
  });

  it("ignores an error that concerns only the bytes of the probe", async () => {
    await using rig = await openStorageRig({
      intercept(request, response) {
        if (request.method !== "POST") return false;
        request.resume().on("end", () => response.writeHead(415).end("only films"));
        return true;
      },
    });
    await rig.open().probe(never);
    expect(rig.sent("DELETE")).toBe(0);
  });

  it("fails when the key may read the bucket but not write to it", async () => {
    await using rig = await openStorageRig({
      intercept(request, response) {
        if (request.method !== "POST") return false;
        const body =
          '{"statusCode":"403","error":"Unauthorized","message":"new row violates row-level security policy"}';
        request.resume().on("end", () => response.writeHead(400).end(body));
        return true;
      },
    });
    await expect(rig.open().check(never)).rejects.toMatchObject({ code: "storage-key-refused" });
  });
});

it("a probe of a folder leaves nothing behind", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-test-"));
  try {
    const store = createFolderStore({ folder: path.join(folder, "films", "here"), bucket: "videos" });
    await store.probe(never);
    expect(await store.check(never)).toMatchObject({
      filmUrl: expect.stringMatching(/^file:\/\/.*\/here\/videos\/[-0]{36}\.mp4$/) as string,
    });
    expect(await readdir(folder)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it.each([
  ["cannot be made", "/proc/nope"],
  ["is below a file", `${process.execPath}/films`],
])("rejects a folder that %s before a film is made", async (_what, folder) => {
  const store = createFolderStore({ folder, bucket: "videos" });
  const refusal = {
    code: "storage-refused",
    message: expect.stringContaining("KEEPSAKE_STORAGE_FOLDER") as string,
  };
  await expect(store.check(never)).rejects.toMatchObject(refusal);
  await expect(store.probe(never)).rejects.toMatchObject(refusal);
});
