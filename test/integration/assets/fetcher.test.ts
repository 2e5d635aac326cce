import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { createFetcher, type FetcherOptions } from "../../../dist/assets/fetch/create-fetcher.js";
import { createFolderStore } from "../../../dist/storage/folder-store.js";
import { useFolder } from "../../use-folder.js";

const { signal } = new AbortController();
const file = randomBytes(400_000);
const sha256 = createHash("sha256").update(file).digest("hex");

const folder = useFolder();
let nextTarget = 0;

async function openServer(listener: RequestListener) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** Fetches from a server that is the project's own, as only that may be on loopback. */
async function fetchFrom(url: string, options: Partial<FetcherOptions> = {}, stop = signal) {
  // A busy machine may stop for seconds.
  const limits = { stallSeconds: 20, retrySeconds: 30, ...options.limits };
  const fetcher = createFetcher({
    objects: null,
    allowedHosts: [],
    ownOrigin: URL.canParse(url) ? new URL(url).origin : null,
    ...options,
    limits,
  });
  const target = path.join(folder, String(nextTarget++));
  const fetched = await fetcher.fetch(url, target, stop);
  return { ...fetched, bytes: await readFile(target) };
}

/** Serves the file with ranges; `act` may make trouble first. */
function serve(
  act: (request: IncomingMessage, response: ServerResponse, count: number) => boolean,
  etag = '"one"',
) {
  let count = 0;
  return (request: IncomingMessage, response: ServerResponse): void => {
    count += 1;
    if (act(request, response, count)) return;
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const fresh = start === 0 || request.headers["if-range"] !== etag;
    const body = fresh ? file : file.subarray(start);
    const range = fresh ? {} : { "content-range": `bytes ${start}-${file.length - 1}/${file.length}` };
    response.writeHead(fresh ? 200 : 206, { etag, "content-length": body.length, ...range }).end(body);
  };
}

/** Half the file, then a cut. */
function sendHalf(response: ServerResponse, headers: Record<string, string>): true {
  response.writeHead(200, { "content-length": file.length, ...headers });
  response.write(file.subarray(0, 200_000), () => setImmediate(() => response.destroy()));
  return true;
}

describe("a file on the web", () => {
  it("arrives completely, without the key being sent", async () => {
    await using server = await openServer(serve(() => false));
    const fetched = await fetchFrom(`${server.url}/a.jpg`);
    expect(fetched).toMatchObject({ sizeBytes: file.length, sha256 });
    expect(fetched.bytes.equals(file)).toBe(true);
    const [request] = server.requests;
    expect(request?.headers).not.toHaveProperty("apikey");
    expect(request?.headers).not.toHaveProperty("authorization");
  });

  it("continues after a break", async () => {
    await using server = await openServer(
      serve((_request, response, count) => count === 1 && sendHalf(response, { etag: '"one"' })),
    );
    expect(await fetchFrom(`${server.url}/a.jpg`)).toMatchObject({ sha256 });
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      expect.stringMatching(/^bytes=\d+-$/),
    ]);
  });

  it("is fetched again when it changed between two parts", async () => {
    await using server = await openServer(
      serve((_request, response, count) => count === 1 && sendHalf(response, { etag: '"old"' })),
    );
    expect(await fetchFrom(`${server.url}/a.jpg`)).toMatchObject({ sizeBytes: file.length, sha256 });
  });

  it("starts again after a break on a server without validators", async () => {
    await using server = await openServer(
      serve((_request, response, count) => count === 1 && sendHalf(response, {})),
    );
    expect(await fetchFrom(`${server.url}/a.jpg`)).toMatchObject({ sha256 });
    expect(server.requests[1]?.headers.range).toBeUndefined();
  });

  it("continues after a stall", async () => {
    await using server = await openServer(
      serve((_request, response, count) => {
        if (count > 1) return false;
        response
          .writeHead(200, { "content-length": file.length, etag: '"one"' })
          .write(file.subarray(0, 1000));
        return true;
      }),
    );
    const limits = { stallSeconds: 1 };
    expect(await fetchFrom(`${server.url}/a.jpg`, { limits })).toMatchObject({ sha256 });
  });

  it("is unreachable in bounded time without progress", async () => {
    await using server = await openServer((_request, response) => {
      response.writeHead(200, { "content-length": file.length }).write("x");
    });
    const limits = { timeoutSeconds: 1, stallSeconds: 5, retrySeconds: 5 };
    await expect(fetchFrom(`${server.url}/a.jpg`, { limits })).rejects.toMatchObject({
      code: "media-unreachable",
      fault: "world",
    });
  });

  it.each([404, 410, 401, 403, 400, 451])(
    "fails with the fault file after status %i, and is requested once",
    async (status) => {
      await using server = await openServer(
        (_request, response) => void response.writeHead(status).end("no"),
      );
      await expect(fetchFrom(`${server.url}/a.jpg`)).rejects.toMatchObject({ fault: "file" });
      expect(server.requests.length).toBe(1);
    },
  );

  it.each([500, 502, 503, 429])("is requested again after status %i", async (status) => {
    await using server = await openServer(
      serve((_request, response, count) => count < 3 && Boolean(response.writeHead(status).end("busy"))),
    );
    expect(await fetchFrom(`${server.url}/a.jpg`)).toMatchObject({ sha256 });
    expect(server.requests.length).toBe(3);
  });

  it("is requested again when Retry-After allows it, and not at all when that is too late", async () => {
    await using server = await openServer(
      serve((request, response, count) => {
        const wait = request.url === "/later.jpg" ? "3600" : "1";
        return (
          (count === 1 || wait === "3600") && Boolean(response.writeHead(429, { "retry-after": wait }).end())
        );
      }),
    );
    const startedAt = performance.now();
    expect(await fetchFrom(`${server.url}/soon.jpg`)).toMatchObject({ sha256 });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
    await expect(fetchFrom(`${server.url}/later.jpg`)).rejects.toMatchObject({ code: "media-unreachable" });
    expect(server.requests.length).toBe(3);
  });

  it("is rejected when it is empty", async () => {
    await using server = await openServer((_request, response) => void response.end());
    await expect(fetchFrom(`${server.url}/a.jpg`)).rejects.toMatchObject({ code: "media-empty" });
  });

  it("is rejected as too large by its header, and without one by its bytes", async () => {
    await using server = await openServer((request, response) => {
      if (request.url === "/said") response.writeHead(200, { "content-length": 10_000_000 });
      const pour = (): void => {
        while (!response.destroyed && response.write(file));
        response.once("drain", pour);
      };
      pour();
    });
    for (const name of ["said", "unsaid"]) {
      await expect(
        fetchFrom(`${server.url}/${name}`, { limits: { maxBytes: 1_000_000 } }),
      ).rejects.toMatchObject({
        code: "media-too-large",
        fault: "file",
      });
    }
  });

  it("stops with the reason of the signal", async () => {
    const controller = new AbortController();
    const reason = new Error("told to stop");
    await using server = await openServer((_request, response) => {
      response.writeHead(200, { "content-length": file.length }).write("x");
      controller.abort(reason);
    });
    await expect(fetchFrom(`${server.url}/a.jpg`, {}, controller.signal)).rejects.toBe(reason);
  });
});

describe("the address of a file", () => {
  it("may redirect inside the project five times", async () => {
    await using server = await openServer(
      serve((request, response) => {
        const left = Number(/^\/hop(\d+)$/.exec(request.url ?? "")?.[1] ?? 0);
        if (left === 0) return false;
        response.writeHead(302, { location: left === 1 ? "/a.jpg" : `hop${left - 1}` }).end();
        return true;
      }),
    );
    expect(await fetchFrom(`${server.url}/hop5`)).toMatchObject({ sha256 });
    await expect(fetchFrom(`${server.url}/hop6`)).rejects.toMatchObject({ code: "media-address-refused" });
  });

  it("may not lead into a private network, by number or name, even if it is allowed", async () => {
    await using secret = await openServer((_request, response) => void response.end("secret"));
    for (const target of [
      secret.url,
      `http://localhost:${secret.port}`,
      `http://[::ffff:127.0.0.1]:${secret.port}`,
    ]) {
      await using server = await openServer(
        (_request, response) =>
          void response.writeHead(307, { location: `${target}/latest/meta-data` }).end(),
      );
      for (const allowedHosts of [[], [new URL(target).host]]) {
        await expect(fetchFrom(`${server.url}/a.jpg`, { allowedHosts })).rejects.toMatchObject({
          code: "media-address-refused",
          fault: "file",
        });
      }
    }
    expect(secret.requests).toEqual([]);
  });

  it("is resolved once, checked, and rejected when its name leads to loopback", async () => {
    await using server = await openServer((_request, response) => void response.end("secret"));
    const options = { allowedHosts: [`localhost:${server.port}`], ownOrigin: null };
    await expect(fetchFrom(`http://localhost:${server.port}/`, options)).rejects.toMatchObject({
      code: "media-address-refused",
      message: expect.stringContaining("private network") as string,
    });
    expect(server.requests).toEqual([]);
  });

  it("is unreachable, not gone, without a server", async () => {
    const server = await openServer(() => undefined);
    await server[Symbol.asyncDispose]();
    const limits = { retrySeconds: 0.1 };
    await expect(fetchFrom(server.url, { limits })).rejects.toMatchObject({
      code: "media-unreachable",
      fault: "world",
    });
  });
});

describe("references that are no web addresses", () => {
  it("are read from the project's storage", async () => {
    await mkdir(path.join(folder, "store/media"), { recursive: true });
    await writeFile(path.join(folder, "store/media/note.ogg"), file);
    const store = createFolderStore({ folder: path.join(folder, "store"), bucket: "videos" });
    const objects = { reader: store.objects, places: ["*"], capsuleId: "c", filmsBucket: "videos" };
    expect(await fetchFrom("media/note.ogg", { objects })).toMatchObject({ sha256 });
    await expect(fetchFrom("media/gone.ogg", { objects })).rejects.toMatchObject({ code: "media-not-found" });
  });

  it("are files only for a capsule file that is rendered, and only below its folder", async () => {
    const root = path.join(folder, "capsule");
    await mkdir(path.join(root, "photos"), { recursive: true });
    await writeFile(path.join(root, "photos/a.jpg"), file);
    await writeFile(path.join(folder, "outside.jpg"), file);
    await symlink(path.join(folder, "outside.jpg"), path.join(root, "link.jpg"));
    const options = { relativeTo: root };
    expect(await fetchFrom("photos/a.jpg", options)).toMatchObject({ sha256 });
    expect(await fetchFrom("./photos/../photos/a.jpg", options)).toMatchObject({ sha256 });
    for (const reference of ["../outside.jpg", "link.jpg", path.join(folder, "outside.jpg")]) {
      await expect(fetchFrom(reference, options)).rejects.toMatchObject({ code: "media-address-refused" });
    }
    for (const reference of ["photos", "photos/b.jpg"]) {
      await expect(fetchFrom(reference, options)).rejects.toMatchObject({ code: "media-not-found" });
    }
    await expect(fetchFrom("photos/a.jpg")).rejects.toMatchObject({ code: "media-address-refused" });
    await expect(fetchFrom("file:///etc/passwd", options)).rejects.toMatchObject({
      code: "media-address-refused",
    });
  });
});
