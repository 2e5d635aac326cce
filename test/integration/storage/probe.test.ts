import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { createFolderStore } from "../../../dist/storage/folder-store.js";
import { openStorageRig } from "./storage-rig.js";

const never = new AbortController().signal;

describe("a probe of Supabase Storage", () => {
  it("passes where films can be put, and leaves nothing behind", async () => {
    await using rig = await openStorageRig();
    await rig.open().probe(never);
    expect([rig.sent("POST"), rig.sent("DELETE")]).toEqual([1, 1]);
    expect([...rig.server.objects.keys()]).toEqual([]);
  });

  it("fails where the bucket can be read but not written to", async () => {
    await using rig = await openStorageRig({
      intercept(request, response) {
        if (request.method !== "POST") return false;
        request.resume().on("end", () => response.writeHead(503).end("read only"));
        return true;
      },
    });
    await rig.open().check(never);
    await expect(rig.open().probe(never)).rejects.toMatchObject({ code: "storage-unavailable" });
  });

  it("takes a refusal of its few bytes for its own affair", async () => {
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
});

it("a probe of a folder leaves nothing behind", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-test-"));
  try {
    await createFolderStore({ folder, bucket: "videos" }).probe(never);
    expect(await readdir(path.join(folder, "videos"))).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
