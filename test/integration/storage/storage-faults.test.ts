import type { IncomingMessage } from "node:http";

import { describe, expect, it } from "vitest";

import type { KeepsakeError } from "../../../dist/errors.js";
import { misbehave, type Fault, type Intercept } from "./faults.js";
import { shortLimits, legacyKey, megabyte, openStorageRig, type StorageRig } from "./storage-rig.js";

/** A lost reply must be found out about within the retry time. */
const silentLimits = { stallSeconds: 2, retrySeconds: 10 };

type Size = "small" | "large";
const chunk = 6 * megabyte;
const target = "videos/3f0e.mp4";

const isPost = ({ method }: IncomingMessage): boolean => method === "POST";
const isPatch = (offset: number) => (request: IncomingMessage) =>
  request.method === "PATCH" && request.headers["upload-offset"] === String(offset);
/** Matches a chunk that begins at the offset or later, because the upload may continue in the middle of a chunk. */
const isPatchFrom = (offset: number) => (request: IncomingMessage) =>
  request.method === "PATCH" && Number(request.headers["upload-offset"]) >= offset;
const isInfo = ({ url = "" }: IncomingMessage): boolean => url.includes("/object/info/");
const isBucket = ({ url = "" }: IncomingMessage): boolean => url.includes("/bucket/");

/** Puts a file where a request misbehaves, and looks at what is there then. */
async function put(size: Size, fault: Fault, fits: (request: IncomingMessage) => boolean, times?: number) {
  const rig = await openStorageRig({ intercept: misbehave(fault, fits, times) });
  await using _ = rig;
  let fences = 0;
  const fence = async (): Promise<void> => void (fences += 1);
  const error = await rig
    .open(limitsFor(fault, times))
    .put(rig.upload(size, { fence }))
    .then(
      () => null,
      (reason: KeepsakeError) => reason,
    );
  return { error, state: stateOf(rig, size), sent: rig.server.requests.filter(bodiesSeen), fences };
}

/** Nothing may depend on the speed of this machine, so only a server that never answers has a short stall limit. */
function limitsFor(fault: Fault, times: number | undefined) {
  if ("hang" in fault) return times === Infinity ? silentLimits : { stallSeconds: 10, retrySeconds: 60 };
  return times === Infinity ? shortLimits : {};
}

const bodiesSeen = ({ method }: StorageRig["server"]["requests"][number]): boolean =>
  method === "POST" || method === "PATCH";

/** There is nothing, or all of it: anything else would look like a film. */
function stateOf(rig: StorageRig, size: Size): "whole" | "nothing" | "half" {
  const stored = rig.server.objects.get(target);
  if (stored === undefined) return "nothing";
  return stored.bytes.equals(rig.files[size]) ? "whole" : "half";
}

async function mapConcurrent<Case>(cases: readonly Case[], run: (one: Case) => Promise<void>): Promise<void> {
  const rest = [...cases];
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      for (let one = rest.shift(); one !== undefined; one = rest.shift()) await run(one);
    }),
  );
}

const piece = 128 * 1024;
const smallBytes = 300_000;

describe("a connection that breaks", () => {
  const inSmall = [0, 1, piece - 1, piece, piece + 1, 2 * piece, smallBytes - 1];
  it("in a small file costs one more request", async () => {
    await mapConcurrent(inSmall, async (cutRequestAt) => {
      const { error, state, sent } = await put("small", { cutRequestAt }, isPost);
      expect([cutRequestAt, error, state, sent.length]).toEqual([cutRequestAt, null, "whole", 2]);
    });
  });

  const inReply = [0, 1, 12, 40, 100];
  it("in the reply to a small file does not send the file again", async () => {
    await mapConcurrent(inReply, async (cutReplyAt) => {
      const { error, state, sent, fences } = await put("small", { cutReplyAt }, isPost);
      expect([cutReplyAt, error, state, sent.length, fences]).toEqual([cutReplyAt, null, "whole", 1, 1]);
    });
  });

  const inLarge = [0, chunk, 2 * chunk].flatMap((offset) => {
    const length = Math.min(chunk, 13 * megabyte - offset);
    return [0, 1, piece, length - piece + 1, length - 1].map((cutRequestAt) => ({ offset, cutRequestAt }));
  });
  it("in a chunk, at any byte, loses at most that chunk", async () => {
    await mapConcurrent(inLarge, async ({ offset, cutRequestAt }) => {
      const { error, state, sent, fences } = await put("large", { cutRequestAt }, isPatch(offset));
      expect([offset, cutRequestAt, error, state]).toEqual([offset, cutRequestAt, null, "whole"]);
      // One that creates it, the one that was cut, and two or three chunks, as much of it had arrived.
      expect(sent.length).toBeGreaterThanOrEqual(4);
      expect(sent.length).toBeLessThanOrEqual(5);
      // The worker has sent more than arrived before the cut: the sockets' buffers.
      expect(fences).toBeGreaterThanOrEqual(1);
      expect(fences).toBeLessThanOrEqual(offset === 2 * chunk ? 2 : 1);
    });
  });

  const inReplies = [0, chunk, 2 * chunk].flatMap((offset) =>
    [0, 1, 40, 120].map((cutReplyAt) => ({ offset, cutReplyAt })),
  );
  it("in the reply to a chunk does not send the chunk again", async () => {
    await mapConcurrent(inReplies, async ({ offset, cutReplyAt }) => {
      const { error, state, sent, fences } = await put("large", { cutReplyAt }, isPatch(offset));
      expect([offset, cutReplyAt, error, state]).toEqual([offset, cutReplyAt, null, "whole"]);
      expect([sent.length, fences]).toEqual([4, 1]);
    });
  });

  it("before the address of an upload is known starts the upload again", async () => {
    const { error, state, sent } = await put("large", { cutReplyAt: 0 }, isPost);
    expect([error, state, sent.length]).toEqual([null, "whole", 5]);
  });
});

describe("a server that stops answering", () => {
  const where = (["unread", "read", "done"] as const).flatMap((hang) => [
    { hang, size: "small" as const, fits: isBucket },
    { hang, size: "small" as const, fits: isInfo },
    { hang, size: "small" as const, fits: isPost },
    { hang, size: "large" as const, fits: isPost },
    { hang, size: "large" as const, fits: isPatchFrom(chunk) },
    { hang, size: "large" as const, fits: isPatchFrom(2 * chunk) },
  ]);
  it("once, is asked again, and repeats no work", async () => {
    await mapConcurrent(where, async ({ hang, size, fits }) => {
      const { error, state, sent } = await put(size, { hang }, fits);
      expect([hang, size, error, state]).toEqual([hang, size, null, "whole"]);
      const isLast = fits !== isPost || size === "small";
      if (hang === "done" && isLast) expect(sent).toHaveLength(size === "small" ? 1 : 4);
    });
  });

  it("permanently, fails the attempt with fault world", async () => {
    await mapConcurrent(where, async ({ hang, size, fits }) => {
      const { error, state } = await put(size, { hang }, fits, Infinity);
      if (state === "whole") return expect([hang, error]).toEqual(["done", null]);
      expect(error).toMatchObject({
        code: "storage-unavailable",
        message: expect.stringContaining(`${silentLimits.stallSeconds} s`) as string,
      });
    });
  });
});

const page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
const html = { "content-type": "text/html" };

describe("a reply that is not from Storage", () => {
  const passing: readonly {
    readonly size: Size;
    readonly fits: Intercept | typeof isPost;
    readonly fault: Fault;
  }[] = [
    ...[isBucket, isInfo, isPost].flatMap((fits) =>
      [408, 423, 425, 429, 500, 502, 503, 504, 520, 544].map((answer) => ({
        size: "small" as const,
        fits,
        fault: { answer, body: page, headers: html },
      })),
    ),
    ...[423, 429, 500, 502, 544].map((answer) => ({
      size: "large" as const,
      fits: isPatch(chunk),
      fault: { answer, body: page, headers: html },
    })),
    { size: "large", fits: isPatch(chunk), fault: { answer: 409, body: "conflict" } },
    { size: "large", fits: isPatch(chunk), fault: { answer: 503, unread: true } },
    { size: "large", fits: isPatch(chunk), fault: { answer: 204, headers: { "upload-offset": "1" } } },
    {
      size: "large",
      fits: isPatch(chunk),
      fault: { answer: 204, headers: { "upload-offset": String(13 * megabyte) } },
    },
    { size: "large", fits: isPatch(chunk), fault: { answer: 204, headers: { "upload-offset": "many" } } },
    { size: "large", fits: isPatch(chunk), fault: { answer: 200, body: page, headers: html } },
    { size: "large", fits: isPost, fault: { answer: 200, body: page, headers: html } },
    { size: "large", fits: isPost, fault: { answer: 201 } },
    // A proxy that says yes to everything.
    { size: "small", fits: isPost, fault: { answer: 200, body: page, headers: html } },
    { size: "small", fits: isPost, fault: { answer: 200, body: '{"Key":"vid' } },
    { size: "small", fits: isInfo, fault: { answer: 200, body: page, headers: html } },
    { size: "small", fits: isInfo, fault: { answer: 200, body: '{"size":300000,"metadata":{"sha' } },
    { size: "small", fits: isInfo, fault: { answer: 200, body: '{"size":300000,"metadata":null}' } },
  ];
  it("once, is ignored, and the file is stored completely", async () => {
    await mapConcurrent(passing, async ({ size, fits, fault }) => {
      const { error, state } = await put(size, fault, fits as typeof isPost);
      expect([fault, error, state]).toEqual([fault, null, "whole"]);
    });
  });

  it("permanently, never counts as a stored film", async () => {
    const lasting = passing.filter(({ fits }) => fits !== isInfo);
    await mapConcurrent(lasting, async ({ size, fits, fault }) => {
      const { error, state } = await put(size, fault, fits as typeof isPost, Infinity);
      expect([fault, state]).toEqual([fault, "nothing"]);
      expect(error?.message).not.toContain(legacyKey);
      expect(error?.message).not.toContain("<");
      expect(["storage-unavailable", "storage-refused"]).toContain(error?.code);
    });
  });

  it.each([
    [
      { answer: 401, body: '{"message":"Invalid API key"}' },
      isBucket,
      "storage-key-refused",
      "SUPABASE_SERVICE_ROLE_KEY",
    ],
    [
      { answer: 400, body: '{"statusCode":"403","message":"new row violates row-level security policy"}' },
      isPost,
      "storage-key-refused",
      "row-level",
    ],
    [
      { answer: 413, body: page, headers: html, unread: true },
      isPost,
      "storage-film-too-large",
      "KEEPSAKE_MAX_FILM_BYTES",
    ],
    [
      { answer: 400, body: '{"statusCode":"413","message":"The object exceeded the maximum allowed size"}' },
      isPost,
      "storage-film-too-large",
      "maximum",
    ],
    [
      { answer: 400, body: '{"statusCode":"415","message":"mime type video/mp4 is not supported"}' },
      isPost,
      "storage-type-refused",
      "mime",
    ],
    [{ answer: 200, body: page, headers: html }, isBucket, "storage-refused", "SUPABASE_URL"],
    [{ answer: 200, body: '{"id":"videos","pub' }, isBucket, "storage-refused", "SUPABASE_URL"],
    [{ answer: 404, body: page, headers: html }, isBucket, "storage-refused", "SUPABASE_URL"],
    [{ answer: 302, headers: { location: "https://login.example/" } }, isPost, "storage-refused", "302"],
  ] satisfies [Fault, typeof isPost, string, string][])(
    "%j fails at once, with a message that says how to fix it",
    async (fault, fits, code, words) => {
      const { error, state, sent } = await put("small", fault, fits, Infinity);
      expect(error).toMatchObject({
        code,
        fault: "setup",
        message: expect.stringContaining(words) as string,
      });
      expect(state).toBe("nothing");
      expect(sent.length).toBeLessThanOrEqual(1);
    },
  );
});

describe("a server that sends Retry-After", () => {
  it("is asked again after that time", async () => {
    const at: number[] = [];
    await using rig = await openStorageRig({
      intercept(request, response) {
        if (!isPost(request)) return false;
        at.push(performance.now());
        if (at.length > 1) return false;
        request.resume().on("end", () => response.writeHead(429, { "retry-after": "1" }).end());
        return true;
      },
    });
    await rig.open().put(rig.upload("small"));
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(990);
  });

  it("with too long a time fails the attempt at once", async () => {
    const { error, sent } = await put(
      "small",
      { answer: 429, headers: { "retry-after": "3600" } },
      isPost,
      Infinity,
    );
    expect(error).toMatchObject({ code: "storage-unavailable", retryAfterSeconds: 3600 });
    expect(sent).toHaveLength(1);
  });
});

describe("an upload with inconsistent replies", () => {
  const isHead = ({ method }: IncomingMessage): boolean => method === "HEAD";
  /** The second chunk is cut, so that the offset is asked for. */
  async function putWithWrongOffset(offset: string, times: number) {
    const cut = misbehave({ cutRequestAt: 1 }, isPatch(chunk));
    const lie = misbehave({ answer: 200, headers: { "upload-offset": offset } }, isHead, times);
    await using rig = await openStorageRig({ intercept: (...both) => cut(...both) || lie(...both) });
    const error = await rig
      .open(times === Infinity ? shortLimits : {})
      .put(rig.upload("large"))
      .then(
        () => null,
        (reason: KeepsakeError) => reason,
      );
    return { error, state: stateOf(rig, "large") };
  }
  const offsets = ["0", String(2 * chunk), String(13 * megabyte), "99999999999", "-1", "1.5", ""];

  it("once, is stored", async () => {
    await mapConcurrent(offsets, async (offset) => {
      expect([offset, await putWithWrongOffset(offset, 1)]).toEqual([
        offset,
        { error: null, state: "whole" },
      ]);
    });
  });

  it("permanently, fails or restarts, and never stores half a film", async () => {
    await mapConcurrent(offsets, async (offset) => {
      const { error, state } = await putWithWrongOffset(offset, Infinity);
      expect([offset, state]).toEqual([offset, error === null ? "whole" : "nothing"]);
    });
  });
});
