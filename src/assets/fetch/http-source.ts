import type { LookupFunction } from "node:net";

import { Agent, errors, request, type Dispatcher } from "undici";

import { packingOf } from "../../http/reply-headers.js";
import { KeepsakeError } from "../../errors.js";
import { readRetryAfter } from "../../http/read-retry-after.js";
import { readPart, resumeHeaders, type FileVersion } from "../../http/range-resume.js";
import { checkUrl, refused, type CheckedUrl, type UrlRules } from "./check-url.js";
import { explainBreak } from "./explain-break.js";
import { guardLookup } from "./guarded-lookup.js";
import type { MediaSource, OpenedSource } from "./media-source.js";

export interface HttpSourceOptions extends UrlRules {
  /** Resolves names; by default as the system does. What it finds is checked, whoever found it. */
  readonly lookup?: LookupFunction;
}

export interface HttpSource extends MediaSource, AsyncDisposable {
  /**
   * Which version of the file is there now, asked for without its bytes; null where the server does not say that there
   * is one. It may not know such requests, so that says nothing of the file.
   */
  look(signal: AbortSignal): Promise<FileVersion | null>;
}

const maxRedirects = 5;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const connectTimeoutMs = 15_000;
const maxHeaderBytes = 16 * 1024;

/**
 * A file on the web. Every address on the way, redirects included, is checked; redirects are followed by hand.
 * Connections are the source's own and end with it; proxies of the environment are not used.
 */
export function openHttpSource(reference: string, { lookup, ...rules }: HttpSourceOptions): HttpSource {
  // Stalls and time are watched by the download.
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

  const ask = async (
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
      // A body that nobody reads any more may still break off; without a listener that would end the process.
      reply.body.on("error", () => undefined);
      return reply;
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof KeepsakeError ? error : unanswered(target.url, error);
    }
  };

  /** Follows redirects to the file itself. */
  const follow = async (offsetBytes: number, signal: AbortSignal, method: "GET" | "HEAD" = "GET") => {
    let target = checkUrl(reference, rules);
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      const reply = await ask(target, offsetBytes, signal, method);
      const { location } = reply.headers;
      if (redirectStatuses.has(reply.statusCode) && typeof location === "string") {
        reply.body.destroy();
        const next = checkUrl(location, rules, target.url);
        if (target.url.protocol === "https:" && next.url.protocol === "http:") {
          throw refused("it leads from https to http");
        }
        target = next;
        continue;
      }
      return { reply, url: target.url };
    }
    throw refused(`it redirects more than ${maxRedirects} times`);
  };

  /** Null when the file's rest cannot be had. */
  const openFrom = async (offsetBytes: number, signal: AbortSignal): Promise<OpenedSource | null> => {
    const { reply, url } = await follow(offsetBytes, signal);
    const part = readReply(reply, offsetBytes, url, begun);
    if (part === null) return null;
    if (part.offsetBytes === 0) begun = part;
    return { ...part, body: reply.body };
  };

  return {
    async look(signal) {
      const { reply } = await follow(0, signal, "HEAD");
      reply.body.destroy();
      const { statusCode, headers } = reply;
      if (statusCode !== 200 || packingOf(headers["content-encoding"]) !== null) return null;
      return readPart(statusCode, headers, 0, null);
    },
    async open(offsetBytes, signal) {
      const opened = await openFrom(offsetBytes, signal);
      if (opened !== null) return opened;
      begun = null;
      const whole = await openFrom(0, signal);
      if (whole === null) throw unusable("it does not say which part of the file it is");
      return whole;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([publicAgent.destroy(), ownAgent.destroy()]);
    },
  };
}

function readReply(
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
  offsetBytes: number,
  url: URL,
  begun: FileVersion | null,
) {
  if (status === 200 || status === 206) {
    const packing = packingOf(headers["content-encoding"]);
    const part = packing === null ? readPart(status, headers, offsetBytes, begun) : null;
    if (part !== null) return part;
    body.destroy();
    if (packing !== null) throw unusable(`it is packed (${packing}), though the file was asked for as it is`);
    return null;
  }
  body.destroy();
  if (status === 416 && offsetBytes > 0) return null;
  const said = `${url.host} answered with status ${status}`;
  if (status === 404 || status === 410)
    throw new KeepsakeError("media-not-found", `The file is gone: ${said}.`);
  if (status === 401 || status === 403) {
    throw new KeepsakeError(
      "media-forbidden",
      `The file may not be read: ${said}; its link may have expired.`,
    );
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    throw new KeepsakeError("media-unreachable", `The file cannot be read just now: ${said}.`, {
      retryAfterSeconds: readRetryAfter(headers["retry-after"]),
    });
  }
  throw new KeepsakeError("media-not-found", `The file cannot be had: ${said}.`);
}

function unanswered(url: URL, error: unknown): KeepsakeError {
  // An error of the guarded lookup arrives as it was thrown, or as the cause of the connection's.
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof KeepsakeError) return cause;
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError) {
    return unusable("it is not HTTP as it should be");
  }
  return new KeepsakeError("media-unreachable", `${url.host} could not be reached: ${explainBreak(error)}.`, {
    cause: error,
  });
}

function unusable(why: string): KeepsakeError {
  return new KeepsakeError("media-answer-unusable", `The server's answer cannot be used: ${why}.`);
}
