import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Upload } from "../../../dist/storage/film-store.js";
import { createSupabaseStore } from "../../../dist/storage/supabase-store.js";
import { openStorageServer, type StorageServer, type StorageServerOptions } from "./storage-server.js";

const legacyKey = "eyJhbGciOiJIUzI1NiJ9.e30.test-service-role-key";
const secretKey = "sb_secret_0123456789abcdef";
const megabyte = 1024 * 1024;
const buckets = {
  videos: { public: true, file_size_limit: null },
  closed: { public: false, file_size_limit: null },
  narrow: { public: true, file_size_limit: 1000 },
};

let folder = "";
const files: { small: Buffer; large: Buffer } = {
  small: randomBytes(300_000),
  large: randomBytes(13 * megabyte),
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "keepsake-store-"));
  for (const [name, bytes] of Object.entries(files)) await writeFile(path.join(folder, name), bytes);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function openRig(options: Partial<StorageServerOptions> = {}) {
  const server = await openStorageServer({ key: legacyKey, buckets, ...options });
  const open = (bucket = "videos", serviceKey = options.key ?? legacyKey) =>
    createSupabaseStore({ projectUrl: server.url, serviceKey, bucket, stallSeconds: 1, retrySeconds: 2 });
  return { server, open, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function upload(size: keyof typeof files, overrides: Partial<Upload> = {}): Upload {
  const bytes = files[size];
  return {
    file: path.join(folder, size),
    sizeBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    fingerprint: "f1",
    path: "3f0e.mp4",
    contentType: "video/mp4",
    signal: new AbortController().signal,
    onBytes: () => undefined,
    fence: async () => undefined,
    ...overrides,
  };
}

const sent = (server: StorageServer, method: string) =>
  server.requests.filter((request) => request.method === method).length;

/** Makes trouble with the first request that fits. */
function once(
  fits: (request: IncomingMessage) => boolean,
  act: (request: IncomingMessage, response: ServerResponse) => void,
) {
  let done = false;
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    if (done || !fits(request)) return false;
    done = true;
    act(request, response);
    return true;
  };
}

const isPatch = (request: IncomingMessage, offset: number) =>
  request.method === "PATCH" && request.headers["upload-offset"] === String(offset);

describe("a small file", () => {
  it("goes up in one request, with type, cache time and what it is recognised by", async () => {
    await using rig = await openRig();
    const seen: number[] = [];
    const url = await rig.open().put(upload("small", { onBytes: (bytes) => seen.push(bytes) }));
    expect(url).toBe(`${rig.server.url}/storage/v1/object/public/videos/3f0e.mp4`);
    const stored = rig.server.objects.get("videos/3f0e.mp4");
    expect(stored?.bytes.equals(files.small)).toBe(true);
    expect(stored).toMatchObject({
      contentType: "video/mp4",
      cacheControl: "max-age=3600",
      metadata: { sha256: upload("small").sha256, fingerprint: "f1" },
    });
    expect(seen.at(-1)).toBe(files.small.length);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it("is not sent again when it is there already, and is replaced when it changed", async () => {
    await using rig = await openRig();
    const store = rig.open();
    await store.put(upload("small"));
    const seen: number[] = [];
    await store.put(upload("small", { onBytes: (bytes) => seen.push(bytes) }));
    expect(sent(rig.server, "POST")).toBe(1);
    expect(seen).toEqual([files.small.length]);
    await store.put(upload("small", { fingerprint: "f2" }));
    expect(sent(rig.server, "POST")).toBe(2);
    expect(rig.server.objects.get("videos/3f0e.mp4")?.metadata).toMatchObject({ fingerprint: "f2" });
  });

  it("has an address that needs a signature in a private bucket", async () => {
    await using rig = await openRig();
    const url = await rig.open("closed").put(upload("small"));
    expect(url).toBe(`${rig.server.url}/storage/v1/object/authenticated/closed/3f0e.mp4`);
  });

  it("is sent again when the server is overloaded or breaks off", async () => {
    const trouble = [503, 544];
    await using rig = await openRig({
      intercept(request, response) {
        const status = request.method === "POST" ? trouble.shift() : undefined;
        if (status === undefined) return false;
        request.resume().on("end", () => response.writeHead(status).end("busy"));
        return true;
      },
    });
    await rig.open().put(upload("small"));
    expect(rig.server.objects.get("videos/3f0e.mp4")?.bytes.equals(files.small)).toBe(true);
    expect(sent(rig.server, "POST")).toBe(3);
  });

  it("is given up as a temporary failure when the trouble lasts", async () => {
    await using rig = await openRig({
      intercept: (_request, response) => Boolean(response.writeHead(503).end("busy")),
    });
    await expect(rig.open().put(upload("small"))).rejects.toMatchObject({ code: "storage-unavailable" });
  });

  it("is not completed by a worker that lost its lease", async () => {
    await using rig = await openRig();
    const lost = new Error("the lease is lost");
    const fence = () => Promise.reject(lost);
    await expect(rig.open().put(upload("small", { fence }))).rejects.toBe(lost);
    expect(rig.server.objects.size).toBe(0);
  });
});

describe("a large file", () => {
  it("goes up in chunks of 6 MiB, and the fence is asked before its last bytes", async () => {
    await using rig = await openRig();
    const fences: { readonly progress: number; readonly objects: number }[] = [];
    let progress = 0;
    await rig.open().put(
      upload("large", {
        onBytes: (bytes) => (progress = bytes),
        fence: async () => void fences.push({ progress, objects: rig.server.objects.size }),
      }),
    );
    const stored = rig.server.objects.get("videos/3f0e.mp4");
    expect(stored?.bytes.equals(files.large)).toBe(true);
    expect(stored).toMatchObject({
      contentType: "video/mp4",
      cacheControl: "max-age=3600",
      metadata: { sha256: upload("large").sha256, fingerprint: "f1" },
    });
    const lengths = rig.server.requests
      .filter(({ method }) => method === "PATCH")
      .map(({ headers }) => Number(headers["content-length"]));
    expect(lengths).toEqual([6 * megabyte, 6 * megabyte, megabyte]);
    expect(fences).toEqual([{ progress: expect.any(Number) as number, objects: 0 }]);
    expect(fences[0]?.progress).toBeLessThan(files.large.length);
    expect(fences[0]?.progress).toBeGreaterThan(12 * megabyte);
    expect(progress).toBe(files.large.length);
  });

  it("goes on where it was cut", async () => {
    await using rig = await openRig({
      intercept: once(
        (request) => isPatch(request, 6 * megabyte),
        (request) => void request.once("data", () => request.destroy()),
      ),
    });
    await rig.open().put(upload("large"));
    expect(rig.server.objects.get("videos/3f0e.mp4")?.bytes.equals(files.large)).toBe(true);
    expect([sent(rig.server, "POST"), sent(rig.server, "HEAD"), sent(rig.server, "PATCH")]).toEqual([
      1, 1, 4,
    ]);
  });

  it("goes on after a server that stopped answering", async () => {
    await using rig = await openRig({
      intercept: once(
        (request) => isPatch(request, 6 * megabyte),
        (request) => void request.resume(),
      ),
    });
    await rig.open().put(upload("large"));
    expect(rig.server.objects.get("videos/3f0e.mp4")?.bytes.equals(files.large)).toBe(true);
    expect(sent(rig.server, "HEAD")).toBe(1);
  });

  it("begins again when the server forgot it", async () => {
    await using rig = await openRig({
      intercept: once(
        (request) => isPatch(request, 6 * megabyte),
        (request, response) => void request.resume().on("end", () => response.writeHead(404).end()),
      ),
    });
    await rig.open().put(upload("large"));
    expect(rig.server.objects.get("videos/3f0e.mp4")?.bytes.equals(files.large)).toBe(true);
    expect(sent(rig.server, "POST")).toBe(2);
  });

  it("does not wait out a refusal", async () => {
    await using rig = await openRig({
      intercept: (request, response) =>
        request.method === "POST" && Boolean(response.writeHead(413).end("Maximum size exceeded")),
    });
    await expect(rig.open().put(upload("large"))).rejects.toMatchObject({ code: "storage-film-too-large" });
    expect(sent(rig.server, "POST")).toBe(1);
  });

  it("is not completed by a worker that lost its lease", async () => {
    await using rig = await openRig();
    const lost = new Error("the lease is lost");
    await expect(rig.open().put(upload("large", { fence: () => Promise.reject(lost) }))).rejects.toBe(lost);
    expect(rig.server.objects.size).toBe(0);
  });

  it("stops at once when told to", async () => {
    await using rig = await openRig();
    const controller = new AbortController();
    const reason = new Error("told to stop");
    const putting = rig.open().put(
      upload("large", {
        signal: controller.signal,
        onBytes: (bytes) => bytes > 7 * megabyte && controller.abort(reason),
      }),
    );
    await expect(putting).rejects.toBe(reason);
    expect(rig.server.objects.size).toBe(0);
  });
});

describe("the key", () => {
  it("works as a secret key with the gateway, and without", async () => {
    for (const bare of [false, true]) {
      await using rig = await openRig({ key: secretKey, bare });
      const store = rig.open("videos", secretKey);
      await store.put(upload("small"));
      await store.put(upload("large", { path: "large.mp4" }));
      expect([...rig.server.objects.keys()]).toEqual(["videos/3f0e.mp4", "videos/large.mp4"]);
    }
  });

  it("is said to be wrong in words that do not hold it", async () => {
    await using rig = await openRig();
    const store = rig.open("videos", "eyJhbGciOiJIUzI1NiJ9.e30.another-key");
    const refusal = expect.objectContaining({
      code: "storage-key-refused",
      message: expect.stringMatching(/SUPABASE_SERVICE_ROLE_KEY/) as string,
    }) as Error;
    await expect(store.check(new AbortController().signal)).rejects.toEqual(refusal);
    await expect(store.put(upload("small"))).rejects.toSatisfy(
      (error: Error) => !error.message.includes("another-key"),
    );
  });

  it("goes nowhere else: not after a redirect, and not to an upload's wrong address", async () => {
    const keys: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      keys.push(request.headers.apikey as string | undefined, request.headers.authorization);
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    await using redirecting = await openRig({
      intercept: (request, response) => {
        response.writeHead(307, { location: `${elsewhere}${request.url}` }).end();
        return true;
      },
    });
    await expect(redirecting.open().put(upload("small"))).rejects.toMatchObject({ code: "storage-refused" });
    await using misleading = await openRig({
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
    await misleading.open().put(upload("large"));
    expect(misleading.server.objects.get("videos/3f0e.mp4")?.bytes.equals(files.large)).toBe(true);
    expect(keys).toEqual([]);
    other.close();
  });
});

describe("a bucket", () => {
  it("that is missing is named", async () => {
    await using rig = await openRig();
    const missing = { code: "storage-bucket-missing", message: expect.stringContaining("nowhere") as string };
    await expect(rig.open("nowhere").check(new AbortController().signal)).rejects.toMatchObject(missing);
    await expect(rig.open("nowhere").put(upload("small"))).rejects.toMatchObject(missing);
    await expect(rig.open().check(new AbortController().signal)).resolves.toBeUndefined();
  });

  it("that takes less is not sent the file at all", async () => {
    await using rig = await openRig();
    await expect(rig.open("narrow").put(upload("small"))).rejects.toMatchObject({
      code: "storage-film-too-large",
    });
    expect(sent(rig.server, "POST")).toBe(0);
  });

  it("says how large a file it takes", async () => {
    await using rig = await openRig();
    const { signal } = new AbortController();
    expect(await rig.open("narrow").sizeLimitBytes(signal)).toBe(1000);
    expect(await rig.open("videos").sizeLimitBytes(signal)).toBeNull();
  });
});

describe("contributors' media in the project's storage", () => {
  const signal = new AbortController().signal;

  async function read(store: ReturnType<typeof createSupabaseStore>, reference: string, offset: number) {
    const object = store.objects.locate(reference);
    if (object === null) throw new Error("not located");
    const opened = await store.objects.open(object, offset, signal);
    const pieces: Buffer[] = [];
    for await (const piece of opened.body as AsyncIterable<Buffer>) pieces.push(piece);
    return { bytes: Buffer.concat(pieces), sizeBytes: opened.sizeBytes };
  }

  it("are read by bucket and path with the key, from any place on", async () => {
    await using rig = await openRig();
    const store = rig.open();
    await store.put(upload("small", { path: "voices/a note.ogg" }));
    const expired = `${rig.server.url}/storage/v1/object/sign/videos/voices/a%20note.ogg?token=expired`;
    for (const reference of [expired, "videos/voices/a note.ogg"]) {
      const whole = await read(store, reference, 0);
      expect(whole.bytes.equals(files.small)).toBe(true);
      const rest = await read(store, reference, 200_000);
      expect(rest.bytes.equals(files.small.subarray(200_000))).toBe(true);
      expect([whole.sizeBytes, rest.sizeBytes]).toEqual([files.small.length, files.small.length]);
    }
  });

  it("are gone for good when Storage says so, and out of reach when it says that", async () => {
    await using rig = await openRig({
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

it("leaves no folder of a server behind", async () => {
  const left = (await readdir(tmpdir())).filter((name) => name.startsWith(`keepsake-tus-${process.pid}-`));
  expect(left).toEqual([]);
});
