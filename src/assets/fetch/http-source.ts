import type { LookupFunction } from "node:net";

import { Agent, errors, request, type Dispatcher } from "undici";

import { KeepsakeError } from "../../errors.js";
import { readRetryAfter } from "../../http/reply-headers.js";
import {
  readFileReply,
  readVersionReply,
  resumeHeaders,
  type FilePart,
  type FileVersion,
} from "../../http/file-parts.js";
import { checkUrl, addressRejected, type CheckedUrl, type UrlRules } from "./check-url.js";
import { explainBreak } from "./explain-break.js";
import { guardLookup } from "./guarded-lookup.js";
import type { MediaSource, OpenedSource } from "./media-source.js";

export interface HttpSourceOptions extends UrlRules {
  /** Resolves host names; by default the system's resolver. Its results are checked in any case. */
  readonly lookup?: LookupFunction;
}

export interface HttpSource extends MediaSource, AsyncDisposable {
  /**
   * The current version of the file, requested without its bytes. Null when the server does not describe it, which does
   * not mean that there is no file: the server may not support such requests.
   */
  readVersion(signal: AbortSignal): Promise<FileVersion | null>;
}

const maxRedirects = 5;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const connectTimeoutMs = 15_000;
const maxHeaderBytes = 16 * 1024;

/**
 * Opens a file on the web. Redirects are followed by our own code, so that each address on the way is checked. The source
 * has its own connections, which end with it; proxies of the environment are not used.
 */
export function openHttpSource(reference: string, { lookup, ...rules }: HttpSourceOptions): HttpSource {
  // The download detects stalls and limits the time.
  const common = { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: maxHeaderBytes };
  const publicAgent = new Agent({
    ...common,
    connect: { timeout: connectTimeoutMs, lookup: guardLookup(lookup) },
  });
  const ownAgent = new Agent({
    ...common,
    connect: { timeout: connectTimeoutMs, ...(lookup === undefined ? {} : { lookup }) },
  });
  let begun: FileVersion | null = null;

  const sendRequest = async (
    target: CheckedUrl,
    offsetBytes: number,
    signal: AbortSignal,
    method: "GET" | "HEAD" = "GET",
  ) => {
    try {
      const reply = await request(target.url, {
        dispatcher: target.publicOnly ? publicAgent : ownAgent,
        method,
        headers: {
          "accept-encoding": "identity",
          "user-agent": "keepsake",
          ...resumeHeaders(offsetBytes, begun),
        },
        signal,
      });
      // A body that nobody reads any more may still fail; without a listener that would end the process.
      reply.body.on("error", () => undefined);
      return reply;
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof KeepsakeError ? error : unreachable(target.url, error);
    }
  };

  /** Requests the file and follows redirects to it. */
  const follow = async (offsetBytes: number, signal: AbortSignal, method: "GET" | "HEAD" = "GET") => {
    let target = checkUrl(reference, rules);
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      const reply = await sendRequest(target, offsetBytes, signal, method);
      const { location } = reply.headers;
      if (redirectStatuses.has(reply.statusCode) && typeof location === "string") {
        reply.body.destroy();
        const next = checkUrl(location, rules, target.url);
        if (target.url.protocol === "https:" && next.url.protocol === "http:") {
          throw addressRejected("it leads from https to http");
        }
        target = next;
        continue;
      }
      return { reply, url: target.url };
    }
    throw addressRejected(`it redirects more than ${maxRedirects} times`);
  };

  /** @returns null when the rest of the file is not available */
  const openFrom = async (offsetBytes: number, signal: AbortSignal): Promise<OpenedSource | null> => {
    const { reply, url } = await follow(offsetBytes, signal);
    const part = readReply(reply, offsetBytes, url, begun);
    if (part === null) return null;
    if (part.offsetBytes === 0) begun = part;
    return { ...part, body: reply.body };
  };

  return {
    async readVersion(signal) {
      const { reply } = await follow(0, signal, "HEAD");
      reply.body.destroy();
      return readVersionReply({ status: reply.statusCode, headers: reply.headers });
    },
    async open(offsetBytes, signal) {
      const opened = await openFrom(offsetBytes, signal);
      if (opened !== null) return opened;
      begun = null;
      const whole = await openFrom(0, signal);
      if (whole === null) throw unusable("its Content-Range does not match the requested part of the file");
      return whole;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([publicAgent.destroy(), ownAgent.destroy()]);
    },
  };
}

/** @returns null when the file must be requested from its beginning */
function readReply(
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
  offsetBytes: number,
  url: URL,
  begun: FileVersion | null,
): FilePart | null {
  const read = readFileReply({ status, headers }, offsetBytes, begun);
  if (read.kind === "part") return read.part;
  body.destroy();
  if (read.kind === "restart") return null;
  if (read.kind === "compressed") {
    throw unusable(`it is compressed (${read.coding}), though the file was requested uncompressed`);
  }
  const answer = `${url.host} answered with status ${status}`;
  if (status === 404 || status === 410)
    throw new KeepsakeError("media-not-found", `The file is gone: ${answer}.`);
  if (status === 401 || status === 403) {
    throw new KeepsakeError(
      "media-forbidden",
      `The file may not be read: ${answer}; its link may have expired.`,
    );
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    throw new KeepsakeError("media-unreachable", `The file cannot be read just now: ${answer}.`, {
      retryAfterSeconds: readRetryAfter(headers["retry-after"]),
    });
  }
  throw new KeepsakeError("media-not-found", `The file is not available: ${answer}.`);
}

function unreachable(url: URL, error: unknown): KeepsakeError {
  // An error of the guarded lookup arrives unchanged, or as the cause of the connection's error.
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof KeepsakeError) return cause;
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError) {
    return unusable("it is not valid HTTP");
  }
  return new KeepsakeError("media-unreachable", `${url.host} could not be reached: ${explainBreak(error)}.`, {
    cause: error,
  });
}

function unusable(why: string): KeepsakeError {
  return new KeepsakeError("media-answer-unusable", `The server's reply cannot be used: ${why}.`);
}
