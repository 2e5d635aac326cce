import { Readable } from "node:stream";

import { Agent, errors, request, type Dispatcher } from "undici";

import { KeepsakeError } from "../errors.js";
import { createServiceKey } from "../http/service-key.js";
import { createStallGuard, type StallGuard } from "../http/stall-guard.js";
import { readErrorReply } from "./storage-error.js";

export interface StorageClientOptions {
  readonly projectUrl: string;
  /** Legacy JWT (`eyJ…`) or secret key (`sb_secret_…`). */
  readonly serviceKey: string;
  /** URL of the project's host for large files, a shorter way to the same Storage; by default that of hosted projects. */
  readonly largeFileUrl?: string | null;
  /** A request on which no byte moves for this time is cancelled. */
  readonly stallSeconds: number;
}

export interface StorageRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "DELETE";
  /** Encoded path below `<project>/storage/v1/`. */
  readonly path: string;
  /** The request goes to the host for large files, if the project has one. */
  readonly isLarge?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces to send; the headers must have `content-length`. An error that it throws is thrown by `send`. */
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
  /** URL of the request. */
  readonly url: string;
}

/** Sends requests to the project's Storage API only: it does not follow redirects, so the key is sent nowhere else. */
export interface StorageClient {
  readonly projectUrl: string;
  /** Whether the project has a host for large files. */
  readonly hasLargeHost: boolean;
  /** @throws KeepsakeError `storage-unavailable` when there was no reply */
  send(request: StorageRequest): Promise<StorageReply>;
  /** Like `send`, with a body of any size. The caller reads or destroys it, and passes text of it through `hideKey`. */
  download(request: StorageRequest): Promise<StorageDownload>;
  /** Removes the key from a text. */
  hideKey(text: string): string;
}

const connectTimeoutMs = 15_000;
const maxReplyBytes = 1024 * 1024;

export function createStorageClient(options: StorageClientOptions): StorageClient {
  const { projectUrl, serviceKey, stallSeconds } = options;
  const { largeFileUrl = findLargeFileUrl(projectUrl) } = options;
  // The global agent belongs to the process, so this client has its own. The stall guard replaces its timeouts.
  const agent = new Agent({ connect: { timeout: connectTimeoutMs }, headersTimeout: 0, bodyTimeout: 0 });
  const key = createServiceKey(serviceKey);

  const sendOnce = async (
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

  const send = async (storageRequest: StorageRequest): Promise<StorageReply> => {
    using guard = createStallGuard(stallSeconds);
    const reply = await sendOnce(storageRequest, guard);
    try {
      const text = key.hide(await readText(reply.body, guard));
      return { status: reply.statusCode, headers: reply.headers, text };
    } catch (error) {
      storageRequest.signal.throwIfAborted();
      throw unreachable(error, guard, stallSeconds, projectUrl);
    }
  };

  return {
    projectUrl,
    hideKey: (text) => key.hide(text),
    hasLargeHost: largeFileUrl !== null,
    async send(storageRequest) {
      if (storageRequest.body !== undefined) return await send(storageRequest);
      return await key.send(
        () => send(storageRequest),
        (reply) => reply.status >= 400 && [401, 403].includes(readErrorReply(reply).status),
      );
    },
    async download(storageRequest) {
      // The reader of the body detects stalls itself; the guard limits only the wait for the reply.
      using guard = createStallGuard(stallSeconds);
      const { statusCode, headers, body, url } = await sendOnce(storageRequest, guard);
      // A body that nobody reads any more may still fail; without a listener that would end the process.
      body.on("error", () => undefined);
      return { status: statusCode, headers, body, url };
    },
  };
}

/** Hosted projects have a host for large files: https://supabase.com/docs/guides/storage/uploads/resumable-uploads */
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
  // At most one piece is read ahead of the socket, so that the last piece is read when it is about to be sent.
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
    return new KeepsakeError("storage-unavailable", `Storage transferred no byte for ${stallSeconds} s.`);
  }
  const why = error instanceof errors.UndiciError || error instanceof Error ? error.message : String(error);
  return new KeepsakeError(
    "storage-unavailable",
    `Storage could not be reached at ${origin}: check SUPABASE_URL and the network (${why}).`,
    { cause: error },
  );
}
