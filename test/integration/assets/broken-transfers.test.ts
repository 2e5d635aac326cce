import { randomBytes } from "node:crypto";

import { describe, expect, it } from "vitest";

import { fetchFromOwnServer, shortLimits } from "./fetch-from-own-server.js";
import { openRawServer } from "./open-raw-server.js";

const file = randomBytes(4000);
const latin = file.toString("latin1");
const ok = "HTTP/1.1 200 OK\r\n";
const whole = `${ok}Content-Length: ${file.length}\r\nETag: "one"\r\n\r\n${latin}`;

describe("a transfer that breaks off", () => {
  const half = (headers: string) =>
    `${ok}Content-Length: ${file.length}\r\n${headers}\r\n${latin.slice(0, 2000)}`;
  const rest = (start: number, headers: string, bytes = latin) =>
    `HTTP/1.1 206 Partial\r\nContent-Range: bytes ${start}-3999/4000\r\nContent-Length: ${4000 - start}\r\n${headers}\r\n${bytes.slice(start)}`;
  const other = randomBytes(4000).toString("latin1");
  const old = "Last-Modified: Mon, 02 Nov 2026 10:00:00 GMT\r\n";

  async function breakOff(headers: string, answer: (start: number) => string) {
    await using server = await openRawServer((socket, head, count) => {
      const start = Number(/^range: bytes=(\d+)-$/im.exec(head)?.[1] ?? NaN);
      if (count === 1) socket.end(half(headers), "latin1");
      else socket.end(Number.isNaN(start) ? whole : answer(start), "latin1");
    });
    const fetched = await fetchFromOwnServer(`${server.url}/a.jpg`);
    return { fetched, asked: server.heads.map((head) => /^if-range: (.*)$/im.exec(head)?.[1] ?? null) };
  }

  it.each([
    ["an ETag", 'ETag: "one"\r\n', '"one"'],
    [
      "a date that is old enough",
      `Date: Mon, 02 Nov 2026 10:00:01 GMT\r\n${old}`,
      "Mon, 02 Nov 2026 10:00:00 GMT",
    ],
  ])("continues by %s", async (_name, headers, validator) => {
    const { fetched, asked } = await breakOff(headers, (start) => rest(start, headers));
    expect(fetched.equals(file)).toBe(true);
    expect(asked).toEqual([null, validator]);
  });

  it.each([
    ["no validator", ""],
    ["a weak one", 'ETag: W/"one"\r\n'],
    ["a date of the same second", `Date: Mon, 02 Nov 2026 10:00:00 GMT\r\n${old}`],
    ["a date alone", old],
    ["a weak one, and a date", `ETag: W/"one"\r\nDate: Mon, 02 Nov 2026 10:00:01 GMT\r\n${old}`],
  ])("starts again with %s", async (_name, headers) => {
    const { fetched, asked } = await breakOff(headers, (start) => rest(start, headers, other));
    expect(fetched.equals(file)).toBe(true);
    expect(asked).toEqual([null, null]);
  });

  it.each([
    [
      "of another version, although the request named the version",
      (start: number) => rest(start, 'ETag: "two"\r\n', other),
    ],
    ["of an unknown version", (start: number) => rest(start, "", other)],
    [
      "of a file of another size",
      (start: number) => rest(start, 'ETag: "one"\r\n', other).replace("/4000", "/4001"),
    ],
    ["that begins at another offset", (start: number) => rest(start + 1, 'ETag: "one"\r\n', other)],
    ["that begins at 0", () => rest(0, 'ETag: "one"\r\n', other)],
    [
      "without Content-Range",
      (start: number) => rest(start, 'ETag: "one"\r\n').replace("Content-Range", "X"),
    ],
    ["with status 416", () => "HTTP/1.1 416 No\r\nContent-Range: bytes */100\r\nContent-Length: 0\r\n\r\n"],
    ["with the whole file", () => whole],
  ])("does not join the first part with a reply %s", async (_name, answer) => {
    const { fetched } = await breakOff('ETag: "one"\r\n', answer);
    expect(fetched.equals(file)).toBe(true);
  });

  it("fails in bounded time without progress", async () => {
    await using server = await openRawServer((socket) => void socket.end(half('ETag: "one"\r\n'), "latin1"));
    await expect(fetchFromOwnServer(`${server.url}/a.jpg`, shortLimits)).rejects.toMatchObject({
      code: "media-unreachable",
    });
  });
});
