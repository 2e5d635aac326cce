import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";

import { describe, expect, it } from "vitest";

import { fetchFromOwnServer, shortLimits } from "./fetch-from-own-server.js";
import { openRawServer, pour } from "./open-raw-server.js";

const file = randomBytes(4000);
const latin = file.toString("latin1");
const whole = `HTTP/1.1 200 OK\r\nContent-Length: ${file.length}\r\nETag: "one"\r\n\r\n${latin}`;

const bomb = gzipSync(Buffer.alloc(50_000_000));
const ok = "HTTP/1.1 200 OK\r\n";

/** Answers for which no retry helps. */
const unusable: Readonly<Record<string, (socket: Socket) => void>> = {
  "no HTTP at all": (socket) => socket.end("220 mail.example.org ESMTP\r\n"),
  "HTTP/0.9": (socket) => socket.end("<html>just the page</html>"),
  "another protocol's version": (socket) => socket.end("HTTP/7.3 200 OK\r\n\r\n"),
  "headers without end": (socket) => {
    socket.write(ok);
    pour(socket, `X-Flood: ${"a".repeat(1000)}\r\n`);
  },
  "one header without end": (socket) => {
    socket.write(`${ok}X-Flood: `);
    pour(socket, "a".repeat(1000));
  },
  "a length that is none": (socket) => socket.end(`${ok}Content-Length: five\r\n\r\nhello`),
  "a negative length": (socket) => socket.end(`${ok}Content-Length: -5\r\n\r\nhello`),
  "a null byte in a header": (socket) => socket.end(`${ok}X-Null: a\0b\r\n\r\n`),
  "a bomb": (socket) => {
    socket.write(`${ok}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
    socket.end(bomb);
  },
  "a coding in a coding": (socket) =>
    socket.end(`${ok}Content-Encoding: identity, br\r\nContent-Length: 5\r\n\r\nhello`),
  "a part that was not asked for": (socket) =>
    socket.end(`HTTP/1.1 206 Partial\r\nContent-Range: bytes 100-104/200\r\nContent-Length: 5\r\n\r\nhello`),
};

/** Answers after which another try may succeed. */
const unreachable: Readonly<Record<string, (socket: Socket) => void>> = {
  silence: () => undefined,
  "an end before any answer": (socket) => socket.end(),
  "a reset": (socket) => socket.resetAndDestroy(),
  "headers, a byte at a time": (socket) => {
    socket.write(`${ok}X-Slow: `);
    pour(socket, "a", 20);
  },
  "headers, a line at a time": (socket) => {
    socket.write(ok);
    pour(socket, "X-Slow: 1\r\n", 100);
  },
  "announcements without end": (socket) => pour(socket, "HTTP/1.1 103 Early Hints\r\n\r\n", 1),
  "a body, a byte at a time": (socket) => {
    socket.write(`${ok}Content-Length: 4000\r\n\r\n`);
    pour(socket, "x", 5);
  },
  "chunks of one byte": (socket) => {
    socket.write(`${ok}Transfer-Encoding: chunked\r\n\r\n`);
    pour(socket, "1\r\nx\r\n", 5);
  },
  "a chunk's extension without end": (socket) => {
    socket.write(`${ok}Transfer-Encoding: chunked\r\n\r\n5;`);
    pour(socket, "a".repeat(1000), 1);
  },
  "a length too large": (socket) => socket.end(`${ok}Content-Length: 4001\r\n\r\n${latin}`, "latin1"),
  "two different lengths": (socket) =>
    socket.end(`${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`),
  "a length beyond all numbers": (socket) =>
    socket.end(`${ok}Content-Length: ${"9".repeat(40)}\r\n\r\nhello`),
  "a length and chunks": (socket) =>
    socket.end(`${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`),
  "a chunk cut short": (socket) => socket.end(`${ok}Transfer-Encoding: chunked\r\n\r\nffff\r\nhello`),
  "a chunk's length that is none": (socket) =>
    socket.end(`${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n`),
  "chunks without an end": (socket) => socket.end(`${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`),
};

/** Unusual answers that deliver the file. */
const fine: Readonly<Record<string, string>> = {
  "a length that is too small, which is believed": `${ok}Content-Length: ${file.length}\r\n\r\n${latin}and more`,
  "a type that lies": `${ok}Content-Type: text/html; charset=utf-16\r\nContent-Length: ${file.length}\r\n\r\n${latin}`,
  "a page that wants to refresh": `${ok}Refresh: 0; url=http://127.0.0.1:1/\r\nContent-Length: ${file.length}\r\n\r\n${latin}`,
  "a place that is no redirect": `${ok}Location: http://127.0.0.1:1/\r\nContent-Length: ${file.length}\r\n\r\n${latin}`,
  "a few announcements": `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <http://127.0.0.1:1/>; rel=preload\r\n\r\n${whole}`,
  "chunks with extensions": `${ok}Transfer-Encoding: chunked\r\n\r\nfa0;name="value"\r\n${latin}\r\n0\r\nX-Trailer: 1\r\n\r\n`,
  "the end of the connection for a length": `HTTP/1.0 200 OK\r\n\r\n${latin}`,
  "identity for a coding": `${ok}Content-Encoding: identity\r\nContent-Length: ${file.length}\r\n\r\n${latin}`,
};

describe("a server", () => {
  it.each(Object.keys(unusable))("loses its file at once when it answers with %s", async (kind) => {
    await using server = await openRawServer((socket) => unusable[kind]?.(socket));
    await expect(fetchFromOwnServer(`${server.url}/a.jpg`)).rejects.toMatchObject({
      code: "media-answer-unusable",
      fault: "file",
    });
    expect(new Set(server.heads.map((head) => head.split("\r\n")[0]))).toEqual(
      new Set(["GET /a.jpg HTTP/1.1"]),
    );
  });

  // These mostly wait.
  it.concurrent.each(Object.keys(unreachable))(
    "that answers with %s gets another request, and then the file is unreachable",
    async (kind) => {
      await using server = await openRawServer((socket) => unreachable[kind]?.(socket));
      await expect(fetchFromOwnServer(`${server.url}/a.jpg`, shortLimits)).rejects.toMatchObject({
        code: "media-unreachable",
        fault: "world",
      });
      expect(server.heads.length).toBeGreaterThan(1);
    },
  );

  it.concurrent.each(Object.keys(unreachable))(
    "that answers with %s once gets another request, and delivers its file",
    async (kind) => {
      await using server = await openRawServer((socket, _head, count) => {
        if (count === 1) unreachable[kind]?.(socket);
        else socket.end(whole, "latin1");
      });
      const fetched = await fetchFromOwnServer(`${server.url}/a.jpg`, { stallSeconds: 1 });
      expect(fetched.equals(file)).toBe(true);
    },
  );

  it.each(Object.keys(fine))("delivers its file when it answers with %s", async (kind) => {
    await using server = await openRawServer((socket) => void socket.end(fine[kind] ?? "", "latin1"));
    expect((await fetchFromOwnServer(`${server.url}/a.jpg`)).equals(file)).toBe(true);
    expect(server.heads.length).toBe(1);
  });

  it("receives the expected request headers", async () => {
    await using server = await openRawServer((socket) => void socket.end(whole, "latin1"));
    await fetchFromOwnServer(`${server.url}/a%20b.jpg?x=1#part`);
    const [head = ""] = server.heads;
    expect(head.split("\r\n").slice(0, 1)).toEqual(["GET /a%20b.jpg?x=1 HTTP/1.1"]);
    expect(head).toMatch(/^accept-encoding: identity$/im);
    expect(head).not.toMatch(/^(cookie|authorization|apikey|referer|range|if-range):/im);
  });
});

describe("a redirect", () => {
  const redirect = (location: string) =>
    `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;

  it.each([
    "http://",
    "http://[::1",
    "http://user:pw@127.0.0.1:1/",
    "file:///etc/passwd",
    "data:,hello",
    "javascript:1",
    "http://127.0.0.1:1/",
    "//127.0.0.1:1/",
    "https://media.example.org/",
    "/a.jpg",
  ])("to %s is not followed, or not endlessly", async (location) => {
    await using server = await openRawServer((socket) => void socket.end(redirect(location)));
    await expect(fetchFromOwnServer(`${server.url}/a.jpg`)).rejects.toMatchObject({
      code: "media-address-refused",
      fault: "file",
    });
    expect(server.heads.length).toBe(location === "/a.jpg" ? 6 : 1);
  });

  it.each([
    "HTTP/1.1 302 Found\r\n\r\n",
    "HTTP/1.1 300 Choices\r\nLocation: /b.jpg\r\n\r\n",
    "HTTP/1.1 304 Same\r\n\r\n",
  ])("without a target is an error: %j", async (answer) => {
    await using server = await openRawServer((socket) => void socket.end(answer));
    await expect(fetchFromOwnServer(`${server.url}/a.jpg`)).rejects.toMatchObject({
      code: "media-not-found",
    });
  });

  it("may have a fragment, which is not sent", async () => {
    await using server = await openRawServer((socket, head) => {
      socket.end(head.startsWith("GET /a.jpg") ? redirect("/b.jpg?x=1#part") : whole, "latin1");
    });
    expect((await fetchFromOwnServer(`${server.url}/a.jpg`)).equals(file)).toBe(true);
    expect(server.heads[1]).toMatch(/^GET \/b\.jpg\?x=1 HTTP/);
  });
});

describe("a download", () => {
  it("leaves space on the disk", async () => {
    await using server = await openRawServer((socket) => void socket.end(whole, "latin1"));
    await expect(
      fetchFromOwnServer(`${server.url}/a.jpg`, { minFreeBytes: Number.MAX_SAFE_INTEGER }),
    ).rejects.toMatchObject({ code: "disk-full", fault: "setup" });
  });

  it("closes the connection when the file is too large", async () => {
    let isClosed: Promise<unknown> = Promise.resolve();
    await using server = await openRawServer((socket) => {
      isClosed = new Promise((resolve) => socket.on("close", resolve));
      socket.write(`${ok}Content-Length: 9000000\r\n\r\n${latin}`, "latin1");
    });
    await expect(fetchFromOwnServer(`${server.url}/a.jpg`)).rejects.toMatchObject({
      code: "media-too-large",
    });
    await isClosed;
    expect(server.heads.length).toBe(1);
  });

  it("waits until the date in Retry-After", async () => {
    const later = new Date(Date.now() + 3_600_000).toUTCString();
    await using server = await openRawServer(
      (socket) => void socket.end(`HTTP/1.1 503 Busy\r\nRetry-After: ${later}\r\nContent-Length: 0\r\n\r\n`),
    );
    const failure: unknown = await fetchFromOwnServer(`${server.url}/a.jpg`).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "media-unreachable", fault: "world" });
    expect((failure as { retryAfterSeconds: number }).retryAfterSeconds).toBeGreaterThan(3500);
    expect(server.heads.length).toBe(1);
  });
});
