import { Agent, request, type Dispatcher } from "undici";

import { KeepsakeError } from "../errors.js";
import { readRetryAfter } from "../read-retry-after.js";
import { checkUrl, refused, type CheckedUrl, type UrlRules } from "./check-url.js";
import { lookupPublic } from "./guarded-lookup.js";
import type { MediaSource, OpenedSource } from "./media-source.js";

const maxRedirects = 5;
const connectTimeoutMs = 15_000;

/**
 * A file on the web. Every address on the way, redirects included, is checked; redirects are followed by hand.
 * Connections are the source's own and end with it.
 */
export function openHttpSource(reference: string, rules: UrlRules): MediaSource & AsyncDisposable {
  // Stalls and time are watched by the download.
  const timeouts = { headersTimeout: 0, bodyTimeout: 0 };
  const publicAgent = new Agent({
    ...timeouts,
    connect: { timeout: connectTimeoutMs, lookup: lookupPublic },
  });
  const ownAgent = new Agent({ ...timeouts, connect: { timeout: connectTimeoutMs } });
  // Of the first answer, so that a file that changes in between is not glued together from two.
  let validator: string | null = null;

  const ask = async (target: CheckedUrl, offsetBytes: number, signal: AbortSignal) => {
    const resume =
      offsetBytes > 0 && validator !== null ? { range: `bytes=${offsetBytes}-`, "if-range": validator } : {};
    try {
      const reply = await request(target.url, {
        dispatcher: target.publicOnly ? publicAgent : ownAgent,
        headers: { "accept-encoding": "identity", "user-agent": "keepsake", ...resume },
        signal,
      });
      // A body that nobody reads any more may still break off; without a listener that would end the process.
      reply.body.on("error", () => undefined);
      return reply;
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof KeepsakeError ? error : unreachable(target.url, error);
    }
  };

  return {
    async open(offsetBytes, signal) {
      let target = checkUrl(reference, rules);
      for (let hop = 0; hop <= maxRedirects; hop += 1) {
        const reply = await ask(target, offsetBytes, signal);
        const location = reply.headers.location;
        if (reply.statusCode >= 300 && reply.statusCode < 400 && typeof location === "string") {
          reply.body.destroy();
          target = checkUrl(location, rules, target.url);
          continue;
        }
        const opened = readReply(reply, offsetBytes, target.url);
        validator ??= readValidator(reply);
        return opened;
      }
      throw refused(`it redirects more than ${maxRedirects} times`);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([publicAgent.destroy(), ownAgent.destroy()]);
    },
  };
}

function readReply(reply: Dispatcher.ResponseData, offsetBytes: number, url: URL): OpenedSource {
  const { statusCode: status, headers, body } = reply;
  if (status === 200) return { body, offsetBytes: 0, sizeBytes: toSize(headers["content-length"]) };
  if (status === 206) {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(String(headers["content-range"])) ?? [];
    if (Number(start) === offsetBytes) return { body, offsetBytes, sizeBytes: toSize(total) };
  }
  body.destroy();
  const said = `${url.host} answered with status ${status}`;
  if (status === 404 || status === 410)
    throw new KeepsakeError("media-not-found", `The file is gone: ${said}.`);
  if (status === 401 || status === 403) {
    throw new KeepsakeError(
      "media-forbidden",
      `The file may not be read: ${said}; its link may have expired.`,
    );
  }
  if (
    status === 408 ||
    status === 425 ||
    status === 429 ||
    status >= 500 ||
    status === 206 ||
    status === 416
  ) {
    throw new KeepsakeError("media-unreachable", `The file cannot be read just now: ${said}.`, {
      retryAfterSeconds: readRetryAfter(headers["retry-after"]),
    });
  }
  throw new KeepsakeError("media-not-found", `The file cannot be had: ${said}.`);
}

function unreachable(url: URL, error: unknown): KeepsakeError {
  // An error of the guarded lookup arrives as it was thrown, or as the cause of the connection's.
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof KeepsakeError) return cause;
  const why = error instanceof Error ? error.message : String(error);
  return new KeepsakeError("media-unreachable", `${url.host} could not be reached: ${why}.`, {
    cause: error,
  });
}

/** A strong ETag, else the date of the last change; null where the server gives neither, and nothing is resumed. */
function readValidator({ headers }: Dispatcher.ResponseData): string | null {
  const { etag } = headers;
  if (typeof etag === "string" && !etag.startsWith("W/")) return etag;
  const modified = headers["last-modified"];
  return typeof modified === "string" ? modified : null;
}

function toSize(text: string | string[] | undefined): number | null {
  const size = typeof text === "string" ? Number(text) : NaN;
  return Number.isSafeInteger(size) && size >= 0 ? size : null;
}
