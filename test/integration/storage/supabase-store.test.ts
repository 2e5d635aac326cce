import { readdir } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";

import { describe, expect, it } from "vitest";

import type { FileVersion } from "../../../dist/http/file-parts.js";
import type { FilmStore } from "../../../dist/storage/film-store.js";
import { misbehave } from "./faults.js";
import { impatient, megabyte, openStorageRig, secretKey } from "./storage-rig.js";

const isPatch = (request: IncomingMessage, offset: number) =>
  request.method === "PATCH" && request.headers["upload-offset"] === String(offset);

describe("a small file", () => {
  it("is uploaded in one request, with type, cache time and metadata", async () => {
    await using rig = await openStorageRig();
    const seen: number[] = [];
    const url = await rig.open().put(rig.upload("small", { onBytes: (bytes) => seen.push(bytes) }));
    expect(url).toBe(`${rig.server.url}/storage/v1/object/public/videos/3f0e.mp4`);
    const stored = rig.server.objects.get("videos/3f0e.mp4");
    expect(stored?.bytes.equals(rig.files.small)).toBe(true);
    expect(stored).toMatchObject({
      contentType: "video/mp4",
      cacheControl: "max-age=3600",
      metadata: { sha256: rig.upload("small").sha256, fingerprint: "f1" },
    });
    expect(seen.at(-1)).toBe(rig.files.small.length);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it("is not sent again when it is already stored, and is replaced when it changed", async () => {
    await using rig = await openStorageRig();
    const store = rig.open();
    await store.put(rig.upload("small"));
    const seen: number[] = [];
    await store.put(rig.upload("small", { onBytes: (bytes) => seen.push(bytes) }));
    expect(rig.sent("POST")).toBe(1);
    expect(seen).toEqual([rig.files.small.length]);
    await store.put(rig.upload("small", { fingerprint: "f2" }));
    expect(rig.sent("POST")).toBe(2);
    expect(rig.server.objects.get("videos/3f0e.mp4")?.metadata).toMatchObject({ fingerprint: "f2" });
  });

  it("has an address that needs a signature in a private bucket", async () => {
    await using rig = await openStorageRig();
    const url = await rig.open({ bucket: "closed" }).put(rig.upload("small"));
    expect(url).toBe(`${rig.server.url}/storage/v1/object/authenticated/closed/3f0e.mp4`);
  });

  it("is sent again when the server is overloaded or closes the connection", async () => {
    const trouble = [503, 544];
    await using rig = await openStorageRig({
      intercept(request, response) {
        const status = request.method === "POST" ? trouble.shift() : undefined;
        if (status === undefined) return false;
        request.resume().on("end", () => response.writeHead(status).end("busy"));
        return true;
      },
    });
    await rig.open().put(rig.upload("small"));
    expect(rig.server.objects.get("videos/3f0e.mp4")?.bytes.equals(rig.files.small)).toBe(true);
    expect(rig.sent("POST")).toBe(3);
  });

  it("fails as unavailable when the errors last", async () => {
    await using rig = await openStorageRig({
      intercept: (_request, response) => Boolean(response.writeHead(503).end("busy")),
    });
    await expect(rig.open(impatient).put(rig.upload("small"))).rejects.toMatchObject({
      code: "storage-unavailable",
    });
  });

  it("is not completed by a worker that lost its lease", async () => {
    await using rig = await openStorageRig();
    const lost = new Error("the lease is lost");
    const fence = () => Promise.reject(lost);
    await expect(rig.open().put(rig.upload("small", { fence }))).rejects.toBe(lost);
    expect(rig.server.objects.size).toBe(0);
  });
});

describe("a large file", () => {
  it("is uploaded in chunks of 6 MiB, with the fence before the last bytes", async () => {
    await using rig = await openStorageRig();
    const fences: { readonly progress: number; readonly objects: number }[] = [];
    let progress = 0;
    await rig.open().put(
      rig.upload("large", {
        onBytes: (bytes) => (progress = bytes),
        fence: async () => void fences.push({ progress, objects: rig.server.objects.size }),
      }),
    );
    const stored = rig.server.objects.get("videos/3f0e.mp4");
    expect(stored?.bytes.equals(rig.files.large)).toBe(true);
    expect(stored).toMatchObject({
      contentType: "video/mp4",
      cacheControl: "max-age=3600",
      metadata: { sha256: rig.upload("large").sha256, fingerprint: "f1" },
    });
    const lengths = rig.server.requests
      .filter(({ method }) => method === "PATCH")
      .map(({ headers }) => Number(headers["content-length"]));
    expect(lengths).toEqual([6 * megabyte, 6 * megabyte, megabyte]);
    expect(fences).toEqual([{ progress: expect.any(Number) as number, objects: 0 }]);
    expect(fences[0]?.progress).toBeLessThan(rig.files.large.length);
    expect(fences[0]?.progress).toBeGreaterThan(12 * megabyte);
    expect(progress).toBe(rig.files.large.length);
  });

  it("continues after a break", async () => {
    await using rig = await openStorageRig({
      intercept: misbehave({ cutRequestAt: megabyte }, (request) => isPatch(request, 6 * megabyte)),
    });
    await rig.open().put(rig.upload("large"));
    expect(rig.server.objects.get("videos/3f0e.mp4")?.bytes.equals(rig.files.large)).toBe(true);
    expect([rig.sent("POST"), rig.sent("HEAD"), rig.sent("PATCH")]).toEqual([1, 1, 4]);
  });

  it("continues after a server that stopped answering", async () => {
    await using rig = await openStorageRig({
      intercept: misbehave({ hang: "read" }, (request) => isPatch(request, 6 * megabyte)),
    });
    await rig.open({ stallSeconds: 5 }).put(rig.upload("large"));
    expect(rig.server.objects.get("videos/3f0e.mp4")?.bytes.equals(rig.files.large)).toBe(true);
    expect(rig.sent("HEAD")).toBe(1);
  });

  it("starts again when the server has removed the upload", async () => {
    let forgotten: string | undefined;
    await using rig = await openStorageRig({
      intercept(request, response) {
        if (isPatch(request, 6 * megabyte)) forgotten ??= request.url;
        const forgot = request.url === forgotten;
        if (forgot) request.resume().on("end", () => response.writeHead(404).end());
        return forgot;
      },
    });
    await rig.open().put(rig.upload("large"));
    expect(rig.server.objects.get("videos/3f0e.mp4")?.bytes.equals(rig.files.large)).toBe(true);
    expect(rig.sent("POST")).toBe(2);
  });

  it("does not retry a rejection", async () => {
    await using rig = await openStorageRig({
      intercept: (request, response) =>
        request.method === "POST" && Boolean(response.writeHead(413).end("Maximum size exceeded")),
    });
    await expect(rig.open().put(rig.upload("large"))).rejects.toMatchObject({
      code: "storage-film-too-large",
    });
    expect(rig.sent("POST")).toBe(1);
  });

  it("is not completed by a worker that lost its lease", async () => {
    await using rig = await openStorageRig();
    const lost = new Error("the lease is lost");
    await expect(rig.open().put(rig.upload("large", { fence: () => Promise.reject(lost) }))).rejects.toBe(
      lost,
    );
    expect(rig.server.objects.size).toBe(0);
  });

  it("stops at once when aborted", async () => {
    await using rig = await openStorageRig();
    const controller = new AbortController();
    const reason = new Error("told to stop");
    const putting = rig.open().put(
      rig.upload("large", {
        signal: controller.signal,
        onBytes: (bytes) => bytes > 7 * megabyte && controller.abort(reason),
      }),
    );
    await expect(putting).rejects.toBe(reason);
    expect(rig.server.objects.size).toBe(0);
  });
});

describe("the key", () => {
  it("works as a secret key with and without the gateway", async () => {
    for (const bare of [false, true]) {
      await using rig = await openStorageRig({ key: secretKey, bare });
      const store = rig.open({ bucket: "videos", serviceKey: secretKey });
      await store.put(rig.upload("small"));
      await store.put(rig.upload("large", { path: "large.mp4" }));
      expect([...rig.server.objects.keys()]).toEqual(["videos/3f0e.mp4", "videos/large.mp4"]);
    }
  });

  it("is not repeated in the message that rejects it", async () => {
    await using rig = await openStorageRig();
    const store = rig.open({ serviceKey: "eyJhbGciOiJIUzI1NiJ9.e30.another-key" });
    const refusal = expect.objectContaining({
      code: "storage-key-refused",
      message: expect.stringMatching(/SUPABASE_SERVICE_ROLE_KEY/) as string,
    }) as Error;
    await expect(store.check(new AbortController().signal)).rejects.toEqual(refusal);
    await expect(store.put(rig.upload("small"))).rejects.toSatisfy(
      (error: Error) => !error.message.includes("another-key"),
    );
  });

  it("is sent nowhere else: not after a redirect, and not to a wrong upload address", async () => {
    const keys: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      keys.push(request.headers.apikey as string | undefined, request.headers.authorization);
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    await using redirecting = await openStorageRig({
      intercept: (request, response) => {
        response.writeHead(307, { location: `${elsewhere}${request.url}` }).end();
        return true;
      },
    });
    await expect(redirecting.open().put(redirecting.upload("small"))).rejects.toMatchObject({
      code: "storage-refused",
    });
    await using misleading = await openStorageRig({
      intercept: (_request, response) => {
        const writeHead = response.writeHead.bind(response);
        response.writeHead = (status: number, ...rest: never[]) => {
          const location = response.getHeader("location");
          if (typeof location === "string")
            response.setHeader("location", elsewhere + new URL(location).pathname);
          return writeHead(status, ...rest);
        };
        return false;
      },
    });
    await misleading.open().put(misleading.upload("large"));
    expect(misleading.server.objects.get("videos/3f0e.mp4")?.bytes.equals(misleading.files.large)).toBe(true);
    expect(keys).toEqual([]);
    other.close();
  });
});

describe("a bucket", () => {
  it("is named when it is missing", async () => {
    await using rig = await openStorageRig();
    const missing = { code: "storage-bucket-missing", message: expect.stringContaining("nowhere") as string };
    await expect(rig.open({ bucket: "nowhere" }).check(new AbortController().signal)).rejects.toMatchObject(
      missing,
    );
    await expect(rig.open({ bucket: "nowhere" }).put(rig.upload("small"))).rejects.toMatchObject(missing);
    expect(await rig.open().check(new AbortController().signal)).toEqual({
      filmUrl: `${rig.server.url}/storage/v1/object/public/videos/00000000-0000-0000-0000-000000000000.mp4`,
      isPublic: true,
      rejectedTypes: [],
    });
  });

  it("with a smaller limit receives no bytes", async () => {
    await using rig = await openStorageRig();
    await expect(rig.open({ bucket: "narrow" }).put(rig.upload("large"))).rejects.toMatchObject({
      code: "storage-film-too-large",
    });
    expect(rig.sent("POST")).toBe(0);
  });

  it.each([
    ["pictures", "storage-type-refused", "add video/mp4, image/jpeg and text/vtt to its allowed MIME types"],
    ["tiny", "film-too-large", "takes files of at most 20000 bytes, and a film needs 1000000"],
  ])("%s, which can never store a film, is rejected before one is made", async (bucket, code, words) => {
    await using rig = await openStorageRig();
    const store = rig.open({ bucket });
    const { signal } = new AbortController();
    const refusal = { code, fault: "setup", message: expect.stringContaining(words) as string };
    await expect(store.check(signal)).rejects.toMatchObject(refusal);
    await expect(store.probe(signal)).rejects.toMatchObject(refusal);
    await expect(store.sizeLimitBytes(signal)).rejects.toMatchObject(refusal);
    expect(rig.sent("POST")).toBe(0);
  });

  it("reports the types beside a film that it does not allow", async () => {
    await using rig = await openStorageRig();
    const { signal } = new AbortController();
    const refused = async (bucket: string) => (await rig.open({ bucket }).check(signal)).rejectedTypes;
    expect(await refused("films")).toEqual(["image/jpeg", "text/vtt"]);
    expect(await refused("all-kinds")).toEqual([]);
    expect(await refused("videos")).toEqual([]);
  });

  it("is distinguished from a server that is not Storage", async () => {
    const answers: (readonly [status: number, body: string])[] = [
      [404, '{"message":"Route GET:/bucket/videos not found","error":"Not Found","statusCode":404}'],
      [404, '{"message":"no Route matched with those values"}'],
      [404, "<html><body>Not found</body></html>"],
      [405, "Method Not Allowed"],
      [301, ""],
      [200, "<html><body>Welcome</body></html>"],
    ];
    for (const [status, body] of answers) {
      await using rig = await openStorageRig({
        intercept: (_request, response) => {
          response.writeHead(status, { "content-type": "application/json" }).end(body);
          return true;
        },
      });
      await expect(rig.open().check(new AbortController().signal), `${status} ${body}`).rejects.toMatchObject(
        {
          code: "storage-refused",
          message: expect.stringMatching(/is not Supabase Storage.*SUPABASE_URL/) as string,
        },
      );
    }
  });

  it("is missing by the error code of Storage, whatever the status", async () => {
    await using rig = await openStorageRig({
      intercept: (_request, response) => {
        response
          .writeHead(404)
          .end('{"statusCode":"404","code":"NoSuchBucket","message":"Bucket not found"}');
        return true;
      },
    });
    await expect(rig.open().check(new AbortController().signal)).rejects.toMatchObject({
      code: "storage-bucket-missing",
    });
  });

  it("names SUPABASE_URL when it cannot be reached", async () => {
    const rig = await openStorageRig();
    const store = rig.open({ projectUrl: "http://127.0.0.1:1" });
    await rig[Symbol.asyncDispose]();
    await expect(store.check(new AbortController().signal)).rejects.toMatchObject({
      code: "storage-unavailable",
      message: expect.stringMatching(
        /at http:\/\/127\.0\.0\.1:1: check SUPABASE_URL.*ECONNREFUSED/,
      ) as string,
    });
  });

  it("reports its size limit", async () => {
    await using rig = await openStorageRig();
    const { signal } = new AbortController();
    expect(await rig.open({ bucket: "narrow" }).sizeLimitBytes(signal)).toBe(1_000_000);
    expect(await rig.open({ bucket: "videos" }).sizeLimitBytes(signal)).toBeNull();
  });
});

describe("contributors' media in the project's storage", () => {
  const signal = new AbortController().signal;

  async function read(store: FilmStore, reference: string, offset: number, begun: FileVersion | null = null) {
    const [object] = store.objects.locate(reference);
    if (object === undefined) throw new Error("not located");
    const opened = await store.objects.open(object, offset, begun, signal);
    if ("location" in opened) throw new Error("redirected");
    const pieces: Buffer[] = [];
    for await (const piece of opened.body as AsyncIterable<Buffer>) pieces.push(piece);
    return { ...opened, bytes: Buffer.concat(pieces) };
  }

  it("are read by bucket and path with the key, from any offset on", async () => {
    await using rig = await openStorageRig();
    const store = rig.open();
    await store.put(rig.upload("small", { path: "voices/a note.ogg" }));
    const expired = `${rig.server.url}/storage/v1/object/sign/videos/voices/a%20note.ogg?token=expired`;
    for (const reference of [expired, "videos/voices/a note.ogg"]) {
      const whole = await read(store, reference, 0);
      expect(whole.bytes.equals(rig.files.small)).toBe(true);
      const rest = await read(store, reference, 200_000, whole);
      expect(rest).toMatchObject({ offsetBytes: 200_000 });
      expect(rest.bytes.equals(rig.files.small.subarray(200_000))).toBe(true);
      expect([whole.sizeBytes, rest.sizeBytes]).toEqual([rig.files.small.length, rig.files.small.length]);
    }
  });

  it("are fetched again when they changed, though Storage would send the rest of the new version", async () => {
    await using rig = await openStorageRig();
    const store = rig.open();
    await store.put(rig.upload("small", { path: "voices/a note.ogg" }));
    const old = { validator: '"of another file"', sizeBytes: rig.files.small.length };
    for (const begun of [old, null]) {
      const again = await read(store, "videos/voices/a note.ogg", 200_000, begun);
      expect(again).toMatchObject({ offsetBytes: 0 });
      expect(again.bytes.equals(rig.files.small)).toBe(true);
    }
    expect(rig.server.requests.map(({ headers }) => headers["if-range"]).filter(Boolean)).toEqual([
      old.validator,
    ]);
  });

  it("have the fault file when one is rejected, and setup when the key opens nothing", async () => {
    let isKeyGood = true;
    await using rig = await openStorageRig({
      intercept: (request, response) => {
        const isRefused = !isKeyGood || request.url?.includes("refused") === true;
        return isRefused && Boolean(response.writeHead(403).end("<html>Attention Required!</html>"));
      },
    });
    const store = rig.open();
    await expect(read(store, "videos/refused.jpg", 0)).rejects.toMatchObject({
      code: "media-forbidden",
      fault: "file",
    });
    isKeyGood = false;
    await expect(read(store, "videos/refused.jpg", 0)).rejects.toMatchObject({
      code: "storage-key-refused",
      fault: "setup",
    });
  });

  it("are gone or unreachable as Storage reports it", async () => {
    await using rig = await openStorageRig({
      intercept: (request, response) =>
        request.url?.includes("busy") === true && Boolean(response.writeHead(503).end("busy")),
    });
    const store = rig.open();
    await expect(read(store, "videos/gone.jpg", 0)).rejects.toMatchObject({
      code: "media-not-found",
      fault: "file",
    });
    await expect(read(store, "videos/busy.jpg", 0)).rejects.toMatchObject({
      code: "media-unreachable",
      fault: "world",
    });
  });
});

it("removes the folders of its servers", async () => {
  const left = (await readdir(tmpdir())).filter((name) => name.startsWith(`keepsake-tus-${process.pid}-`));
  expect(left).toEqual([]);
});
