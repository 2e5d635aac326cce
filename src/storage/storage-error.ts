import { z } from "zod";

import { KeepsakeError } from "../errors.js";
import { readRetryAfter } from "../http/reply-headers.js";

/** A reply of the Storage API other than success. */
export interface ErrorReply {
  /** The effective status: many replies are HTTP 400 with another status in their body. */
  readonly status: number;
  readonly text: string;
  /** How long to wait before the next request; null when the reply does not say. */
  readonly retryAfterSeconds: number | null;
}

const replySchema = z.looseObject({
  statusCode: z.coerce.number().int().optional(),
  error: z.string().optional(),
  message: z.string().optional(),
});

interface RawReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
  /** `{"statusCode":"404","error":"not_found","message":"…"}`, or the page of a proxy. */
  readonly text: string;
}

export function readErrorReply(reply: RawReply): ErrorReply {
  const retryAfterSeconds = readRetryAfter(reply.headers?.["retry-after"]);
  try {
    const body = replySchema.parse(JSON.parse(reply.text));
    const inner = body.statusCode ?? reply.status;
    const status = reply.status === 400 && inner >= 400 && inner < 600 ? inner : reply.status;
    return { status, text: shorten(body.message ?? body.error ?? ""), retryAfterSeconds };
  } catch {
    return { status: reply.status, text: shorten(withoutMarkup(reply.text)), retryAfterSeconds };
  }
}

/** Whether another try may succeed: overload, locks, timeouts (544 is Storage's own for its database), and every 5xx. */
export function isTemporaryStatus(status: number): boolean {
  return [408, 423, 425, 429].includes(status) || status >= 500;
}

/** @param request completes the sentence: "store the film in bucket videos" */
export function toStorageError(reply: ErrorReply, request: string): KeepsakeError {
  const { status, text, retryAfterSeconds } = reply;
  const answer = text === "" ? `status ${status}` : `status ${status}: ${text}`;
  if (isTemporaryStatus(status)) {
    return new KeepsakeError("storage-unavailable", `Storage could not ${request} just now (${answer}).`, {
      retryAfterSeconds,
    });
  }
  if (status === 401 || status === 403) {
    return new KeepsakeError(
      "storage-key-refused",
      `Storage rejected the key when asked to ${request} (${answer}). Set SUPABASE_SERVICE_ROLE_KEY to the project's secret or service_role key.`,
    );
  }
  if (status === 413) {
    return new KeepsakeError(
      "storage-film-too-large",
      `Storage did not ${request}: it is larger than the project or bucket allows (${answer}). Raise the limit in the Storage settings, or set KEEPSAKE_MAX_FILM_BYTES to what the project allows (50000000 on the free plan), so that films are planned to fit.`,
    );
  }
  if (status === 415) {
    return new KeepsakeError(
      "storage-type-refused",
      `Storage did not ${request} (${answer}). Add video/mp4, image/jpeg and text/vtt to the bucket's allowed MIME types (Dashboard, Storage, Edit bucket).`,
    );
  }
  return new KeepsakeError("storage-refused", `Storage did not ${request} (${answer}).`);
}

/** Removes the markup of a proxy's error page. */
function withoutMarkup(text: string): string {
  return text.replace(/<(style|script)\b.*?<\/\1>/gis, " ").replace(/<[^>]*>/g, " ");
}

function shorten(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 200);
}
