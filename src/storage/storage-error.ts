import { z } from "zod";

import { KeepsakeError } from "../errors.js";
import { readRetryAfter } from "../http/read-retry-after.js";

/** An answer of the Storage API other than success. */
export interface StorageErrorReply {
  /** The true status: many replies are HTTP 400 with another status in their body. */
  readonly status: number;
  readonly text: string;
  /** How long to stay away, if that was said. */
  readonly retryAfterSeconds: number | null;
}

const replySchema = z.looseObject({
  statusCode: z.coerce.number().int().optional(),
  error: z.string().optional(),
  message: z.string().optional(),
});

export interface FailedReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
  /** `{"statusCode":"404","error":"not_found","message":"…"}`, or what a proxy says. */
  readonly text: string;
}

export function readRefusal(reply: FailedReply): StorageErrorReply {
  const retryAfterSeconds = readRetryAfter(reply.headers?.["retry-after"]);
  try {
    const said = replySchema.parse(JSON.parse(reply.text));
    const inner = said.statusCode ?? reply.status;
    const status = reply.status === 400 && inner >= 400 && inner < 600 ? inner : reply.status;
    return { status, text: brief(said.message ?? said.error ?? ""), retryAfterSeconds };
  } catch {
    return { status: reply.status, text: brief(withoutMarkup(reply.text)), retryAfterSeconds };
  }
}

/** Worth another try: overload, locks, timeouts (544 is Storage's own for its database) and everything 5xx. */
export function isTemporaryStatus(status: number): boolean {
  return [408, 423, 425, 429].includes(status) || status >= 500;
}

/** @param doing "upload the film to bucket videos" */
export function toStorageError(refusal: StorageErrorReply, doing: string): KeepsakeError {
  const { status, text, retryAfterSeconds } = refusal;
  const said = text === "" ? `status ${status}` : `status ${status}: ${text}`;
  if (isTemporaryStatus(status)) {
    return new KeepsakeError("storage-unavailable", `Storage could not ${doing} just now (${said}).`, {
      retryAfterSeconds,
    });
  }
  if (status === 401 || status === 403) {
    return new KeepsakeError(
      "storage-key-refused",
      `Storage refused the key when asked to ${doing} (${said}). Set SUPABASE_SERVICE_ROLE_KEY to the project's secret or service_role key.`,
    );
  }
  if (status === 413) {
    return new KeepsakeError(
      "storage-film-too-large",
      `Storage refused to ${doing}: it is larger than the project or bucket allows (${said}). Raise the limit in the Storage settings, or set KEEPSAKE_MAX_FILM_BYTES to what the project allows (50000000 on the free plan) and films are planned to fit.`,
    );
  }
  if (status === 415) {
    return new KeepsakeError(
      "storage-type-refused",
      `Storage refused to ${doing} (${said}). Add video/mp4, image/jpeg and text/vtt to the bucket's allowed MIME types (Dashboard, Storage, Edit bucket).`,
    );
  }
  return new KeepsakeError("storage-refused", `Storage refused to ${doing} (${said}).`);
}

/** The words of a proxy's error page. */
function withoutMarkup(text: string): string {
  return text.replace(/<(style|script)\b.*?<\/\1>/gis, " ").replace(/<[^>]*>/g, " ");
}

function brief(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 200);
}
