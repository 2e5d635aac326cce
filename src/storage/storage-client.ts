import { Readable } from "node:stream";

import { Agent, errors, request, type Dispatcher } from "undici";

import { KeepsakeError } from "../errors.js";
import { createServiceKey } from "../http/service-key.js";
import { createStallGuard, type StallGuard } from "../http/stall-guard.js";
import { readRefusal } from "./storage-error.js";

export interface StorageClientOptions {
  readonly projectUrl: string;
  /** Legacy JWT (`eyJ…`) or secret key (`sb_secret_…`). */
  readonly serviceKey: string;
  /** The project's host for large files, which leads to the same Storage by a shorter way; by default what hosted projects have. */
  readonly largeFileUrl?: string | null;
  /** A request on which no byte moves for so long is cut. */
  readonly stallSeconds: number;
}

export interface StorageRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "DELETE";
  /** Below `<project>/storage/v1/`, encoded. */
  readonly path: string;
  /** Goes to the host for large files, where the project has one. */
  readonly isLarge?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces to send; `content-length` must be among the headers. An error thrown by it is thrown by `send`. */
  readonly body?: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

export interface StorageReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface StorageDownload extends Omit<StorageReply, "text"> {
  readonly body: Readable;
  /** That was asked. */
  readonly url: string;
}

/** Speaks to the project's Storage API and to nothing else: redirects are not followed, so the key stays there. */
export interface StorageClient {
  readonly projectUrl: string;
  /** Whether there is another host for large files. */
  readonly hasLargeHost: boolean;
  /** @throws KeepsakeError `storage-unavailable` when there was no answer */
  send(request: StorageRequest): Promise<StorageReply>;
  /** As `send`, for a body of any size; the caller reads or destroys it, and shows none of it but through `hideKey`. */
  download(request: StorageRequest): Promise<StorageDownload>;
  /** Takes the key out of a text. */
  hideKey(text: string): string;
}

const connectTimeoutMs = 15_000;
const maxReplyBytes = 1024 * 1024;

export function createStorageClient(options: StorageClientOptions): StorageClient {
  const { projectUrl, serviceKey, stallSeconds } = options;
  const { largeFileUrl = findLargeFileUrl(projectUrl) } = options;
  // Own agent: the global one belongs to the process. Stalls are watched here, so its timeouts are off.
  const agent = new Agent({ connect: { timeout: connectTimeoutMs }, headersTimeout: 0, bodyTimeout: 0 });
  const key = createServiceKey(serviceKey);

  const ask = async (
    { method, path, isLarge = false, headers, body, signal }: StorageRequest,
    guard: StallGuard,
  ): Promise<Dispatcher.ResponseData & { readonly url: string }> => {
    const url = `${(isLarge ? largeFileUrl : null) ?? projectUrl}/storage/v1/${path}`;
    const sending = body === undefined ? null : watchBody(body, guard);
    try {
      const reply = await request(url, {
        dispatcher: agent,
        method,
        headers: { ...headers, ...key.headers(), "user-agent": "keepsake" },
        body: sending?.pieces ?? null,
        signal: AbortSignal.any([signal, guard.signal]),
      });
      return { ...reply, url };
    } catch (error) {
      signal.throwIfAborted();
      const bodyError = sending?.failure();
      throw bodyError ?? unreachable(error, guard, stallSeconds, new URL(url).origin);
    }
  };

  const send = async (asked: StorageRequest): Promise<StorageReply> => {
    using guard = createStallGuard(stallSeconds);
    const reply = await ask(asked, guard);
    try {
      const text = key.hide(await readText(reply.body, guard));
      return { status: reply.statusCode, headers: reply.headers, text };
    } catch (error) {
      asked.signal.throwIfAborted();
      throw unreachable(error, guard, stallSeconds, projectUrl);
    }
  };

  return {
    projectUrl,
    hideKey: (text) => key.hide(text),
    hasLargeHost: largeFileUrl !== null,
    async send(asked) {
      if (asked.body !== undefined) return await send(asked);
      return await key.ask(
        () => send(asked),
        (reply) => reply.status >= 400 && [401, 403].includes(readRefusal(reply).status),
      );
    },
    async download(asked) {
      // The reader of the body watches for stalls itself; here only the wait for the answer is watched.
      using guard = createStallGuard(stallSeconds);
      const { statusCode, headers, body, url } = await ask(asked, guard);
      // A body that nobody reads any more may still break off; without a listener that would end the process.
      body.on("error", () => undefined);
      return { status: statusCode, headers, body, url };
    },
  };
}

/** Hosted projects have one: https://supabase.com/docs/guides/storage/uploads/resumable-uploads */
export function findLargeFileUrl(projectUrl: string): string | null {
  const ref = /^https:\/\/([a-z\d]+)\.supabase\.co$/i.exec(projectUrl)?.[1];
  return ref === undefined ? null : `https://${ref}.storage.supabase.co`;
}

function watchBody(
  body: AsyncIterable<Uint8Array>,
  guard: StallGuard,
): { readonly pieces: Readable; failure(): unknown } {
  let failure: unknown = null;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of body) {
        guard.moved();
        yield piece;
      }
      guard.moved();
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  // One piece ahead of the socket and no more, so that the last one is made when it is about to be sent.
  return { pieces: Readable.from(pieces(), { highWaterMark: 1 }), failure: () => failure };
}

async function readText(body: Readable, guard: StallGuard): Promise<string> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    guard.moved();
    sizeBytes += piece.length;
    if (sizeBytes > maxReplyBytes) break;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

function unreachable(error: unknown, guard: StallGuard, stallSeconds: number, origin: string): KeepsakeError {
  if (guard.signal.aborted) {
    return new KeepsakeError("storage-unavailable", `Storage did not move a byte for ${stallSeconds} s.`);
  }
  const why = error instanceof errors.UndiciError || error instanceof Error ? error.message : String(error);
  return new KeepsakeError(
    "storage-unavailable",
    `Storage could not be reached at ${origin}: check SUPABASE_URL and the network (${why}).`,
    { cause: error },
  );
}
