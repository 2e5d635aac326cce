import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { readdir, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { findLargeFileUrl } from "../../../dist/storage/storage-client.js";
import { misbehave } from "./faults.js";
import { openForwarder } from "./forwarder.js";
import { legacyKey, megabyte, openStorageRig, type StorageRig } from "./storage-rig.js";

const target = "videos/3f0e.mp4";
const isHead = ({ method }: IncomingMessage): boolean => method === "HEAD";
const isPatchAt = (offset: number) => (request: IncomingMessage) =>
  request.method === "PATCH" && request.headers["upload-offset"] === String(offset);

/** Stops an upload after this number of bytes and removes nothing, like a worker that was killed. */
async function dieAfter(rig: StorageRig, sentBytes: number): Promise<void> {
  const controller = new AbortController();
  const putting = rig.open().put(
    rig.upload("large", {
      signal: controller.signal,
      onBytes: (bytes) => bytes >= sentBytes && controller.abort(new Error("killed")),
    }),
  );
  await expect(putting).rejects.toThrow("killed");
}

const uploadChild = fileURLToPath(new URL("upload-child.mjs", import.meta.url));

/** Uploads in a separate process. @returns its exit code, or the signal that ended it */
async function uploadElsewhere(
  rig: StorageRig,
  killedAfterBytes: number | null,
): Promise<number | NodeJS.Signals | null> {
  const upload = rig.upload("large");
  const store = {
    projectUrl: rig.server.url,
    serviceKey: legacyKey,
    bucket: "videos",
    uploadsFolder: path.join(path.dirname(upload.file), "uploads"),
  };
  const child = spawn(process.execPath, [uploadChild, JSON.stringify({ store, upload, killedAfterBytes })], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [exitCode, signalName] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return signalName ?? exitCode;
}

const isWhole = (rig: StorageRig): boolean | undefined =>
  rig.server.objects.get(target)?.bytes.equals(rig.files.large);

/** Counts the HEAD requests for the first upload. Other uploads that break off have HEAD requests too. */
function countHeadsOfFirst({ server: { requests } }: StorageRig): number {
  const first = requests.find(({ method }) => method === "PATCH");
  return requests.filter(({ method, path: asked }) => method === "HEAD" && asked === first?.path).length;
}

async function notesOf(rig: StorageRig): Promise<string[]> {
  const folder = path.join(path.dirname(rig.upload("large").file), "uploads");
  return (await readdir(folder)).map((name) => path.join(folder, name));
}

describe("an upload after a crash", () => {
  it("is continued by the next attempt, which calls its own fence", async () => {
    await using rig = await openStorageRig();
    await dieAfter(rig, 7 * megabyte);
    const fences: (boolean | undefined)[] = [];
    const progress: number[] = [];
    await rig.open().put(
      rig.upload("large", {
        fence: async () => void fences.push(isWhole(rig)),
        onBytes: (bytes) => void progress.push(bytes),
      }),
    );
    expect(isWhole(rig)).toBe(true);
    expect(fences).toEqual([undefined]);
    expect([rig.sent("POST"), rig.sent("HEAD")]).toEqual([1, 1]);
    expect(progress[0]).toBeGreaterThan(6 * megabyte);
    expect(await notesOf(rig)).toEqual([]);
  });

  it("is continued by the next process after a kill, and no megabyte is sent twice", async () => {
    const connections = new Set<Socket>();
    await using rig = await openStorageRig({
      intercept: ({ socket }) => {
        connections.add(socket);
        return false;
      },
    });
    expect(await uploadElsewhere(rig, 7 * megabyte)).toBe("SIGKILL");
    expect(isWhole(rig)).toBeUndefined();
    const before = rig.server.requests.length;
    expect(await uploadElsewhere(rig, null)).toBe(0);
    expect(isWhole(rig)).toBe(true);

    const chunks = rig.server.requests.slice(before).filter(({ method }) => method === "PATCH");
    const goesOnAt = Number(chunks[0]?.headers["upload-offset"]);
    expect(goesOnAt).toBeGreaterThan(6 * megabyte);
    const sentBytes = chunks.reduce((sum, { headers }) => sum + Number(headers["content-length"]), 0);
    expect(sentBytes).toBe(13 * megabyte - goesOnAt);
    expect(rig.sent("POST")).toBe(1);
    // The bytes of both processes, with all headers.
    const received = [...connections].reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    expect(received).toBeLessThan(14 * megabyte);
  });

  it("is recognised as finished when only the last reply was lost", async () => {
    const killed = new AbortController();
    await using rig = await openStorageRig({
      intercept: misbehave({ hang: "done" }, isPatchAt(12 * megabyte)),
      onStored: () => killed.abort(new Error("killed")),
    });
    const putting = rig.open().put(rig.upload("large", { signal: killed.signal }));
    await expect(putting).rejects.toThrow("killed");
    let asked = 0;
    await rig.open().put(rig.upload("large", { fence: async () => void (asked += 1) }));
    expect([asked, rig.sent("POST"), rig.sent("PATCH")]).toEqual([0, 1, 3]);
    expect(await notesOf(rig)).toEqual([]);
  });

  it("is not continued for another film, another path or another bucket", async () => {
    await using rig = await openStorageRig();
    await dieAfter(rig, 7 * megabyte);
    await rig.open().put(rig.upload("large", { fingerprint: "f2" }));
    await rig.open().put(rig.upload("large", { path: "other.mp4" }));
    await rig.open({ bucket: "closed" }).put(rig.upload("large"));
    expect([rig.sent("POST"), countHeadsOfFirst(rig)]).toEqual([4, 0]);
    expect(await notesOf(rig)).toHaveLength(1);
  });

  it("starts again when the film was made again with other bytes of the same length", async () => {
    await using rig = await openStorageRig();
    await dieAfter(rig, 7 * megabyte);
    const bytes = Buffer.from(rig.files.large);
    bytes.write("another film", 0);
    const file = `${rig.upload("large").file}-again`;
    await writeFile(file, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await rig.open().put(rig.upload("large", { file, sha256 }));
    expect(rig.server.objects.get(target)?.bytes.equals(bytes)).toBe(true);
    expect([rig.sent("POST"), countHeadsOfFirst(rig)]).toEqual([2, 0]);
  });

  it.each([404, 410, 400, 403])("starts again when the server answers %i for it", async (answer) => {
    await using rig = await openStorageRig({ intercept: misbehave({ answer }, isHead) });
    await dieAfter(rig, 7 * megabyte);
    await rig.open().put(rig.upload("large"));
    expect(isWhole(rig)).toBe(true);
    expect(rig.sent("POST")).toBe(2);
  });

  it("starts again when its note is a day old, or damaged", async () => {
    for (const spoil of [
      (note: string) => utimes(note, 0, Date.now() / 1000 - 25 * 3600),
      (note: string) => writeFile(note, '{"uploadPath":"../../auth/v1/admin"}'),
      (note: string) => writeFile(note, '{"uploadPa'),
    ]) {
      await using rig = await openStorageRig();
      await dieAfter(rig, 7 * megabyte);
      for (const note of await notesOf(rig)) await spoil(note);
      await rig.open().put(rig.upload("large"));
      expect(isWhole(rig)).toBe(true);
      expect([rig.sent("POST"), countHeadsOfFirst(rig)]).toEqual([2, 0]);
    }
  });

  it("fails when it makes no progress, so that the next attempt starts a new one", async () => {
    let spoilt: string | undefined;
    await using rig = await openStorageRig({
      intercept(request, response) {
        if (request.method === "HEAD") spoilt ??= request.url;
        const isSpoilt = request.url === spoilt && request.method === "PATCH";
        if (isSpoilt) request.resume().on("end", () => response.writeHead(500).end("lost a part"));
        return isSpoilt;
      },
    });
    await dieAfter(rig, 7 * megabyte);
    await expect(rig.open({ retrySeconds: 2 }).put(rig.upload("large"))).rejects.toMatchObject({
      code: "storage-unavailable",
    });
    await rig.open().put(rig.upload("large"));
    expect(isWhole(rig)).toBe(true);
    expect(rig.sent("POST")).toBe(2);
  });
});

describe("the host for large files", () => {
  it("exists for hosted projects only", () => {
    expect(findLargeFileUrl("https://abcdefgh.supabase.co")).toBe("https://abcdefgh.storage.supabase.co");
    for (const other of [
      "http://127.0.0.1:54321",
      "http://abcdefgh.supabase.co",
      "https://abcdefgh.supabase.co.evil.net",
      "https://films.example.org",
      "https://a.b.supabase.co",
    ]) {
      expect(findLargeFileUrl(other)).toBeNull();
    }
  });

  it("receives the chunks, and nothing else", async () => {
    await using rig = await openStorageRig();
    const proxied: string[] = [];
    await using forwarder = await openForwarder(rig.server.url, (request) => {
      proxied.push(`${request.method} ${request.url?.split("/").slice(3, 5).join("/")}`);
    });
    const url = await rig.open({ largeFileUrl: forwarder.url }).put(rig.upload("large"));
    expect(url.startsWith(rig.server.url)).toBe(true);
    expect(isWhole(rig)).toBe(true);
    expect(new Set(proxied)).toEqual(new Set(["POST upload/resumable", "PATCH upload/resumable"]));
  });

  it("is not used when it is unreachable, from the start or later", async () => {
    await using rig = await openStorageRig();
    await rig.open({ largeFileUrl: "http://127.0.0.1:1" }).put(rig.upload("large"));
    expect(isWhole(rig)).toBe(true);
    await using forwarder = await openForwarder(rig.server.url, (request) => {
      if (request.headers["upload-offset"] === String(6 * megabyte)) request.socket.resetAndDestroy();
    });
    await rig.open({ largeFileUrl: forwarder.url }).put(rig.upload("large", { fingerprint: "f2" }));
    expect(rig.server.objects.get(target)?.metadata).toMatchObject({ fingerprint: "f2" });
    expect(rig.sent("POST")).toBe(2);
  });
});
