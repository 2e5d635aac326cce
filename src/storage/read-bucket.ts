import { z } from "zod";

import { KeepsakeError } from "../errors.js";
import type { Upload } from "./film-store.js";
import { parseJson } from "./parse-json.js";
import type { StorageClient, StorageReply } from "./storage-client.js";
import { readErrorReply, toStorageError } from "./storage-error.js";

/** The properties of a bucket that matter to films. */
export interface Bucket {
  readonly public: boolean;
  /** Size limit for a file in bytes; null when the bucket has none. The project has another limit. */
  readonly fileSizeLimit: number | null;
  /** MIME types, possibly with `*` or `image/*`; null when the bucket allows all. */
  readonly allowedTypes: readonly string[] | null;
}

/** Smallest size for which films are planned, and the minimum of `KEEPSAKE_MAX_FILM_BYTES`. */
const minFilmBytes = 1_000_000;

const besideFilms: readonly Upload["contentType"][] = ["image/jpeg", "text/vtt"];

const bucketSchema = z.looseObject({
  public: z.boolean(),
  file_size_limit: z.number().nullish(),
  allowed_mime_types: z.array(z.string()).nullish(),
});

const missingSchema = z.looseObject({
  statusCode: z.union([z.string(), z.number()]).optional(),
  code: z.string().optional(),
  error: z.string().optional(),
  message: z.string().optional(),
});

/**
 * @throws KeepsakeError `storage-bucket-missing`, `storage-key-refused`, or `storage-refused` when the reply is not from
 *   Storage; `storage-unavailable` when there is no reply
 */
export async function readBucket(
  client: StorageClient,
  bucket: string,
  signal: AbortSignal,
): Promise<Bucket> {
  const reply = await client.send({ method: "GET", path: `bucket/${encodeURIComponent(bucket)}`, signal });
  if (reply.status >= 300) throw explainErrorReply(client, bucket, reply);
  const found = bucketSchema.safeParse(parseJson(reply.text));
  if (!found.success) throw notStorage(client, null);
  const { public: isPublic, file_size_limit: limit, allowed_mime_types: allowed } = found.data;
  return { public: isPublic, fileSizeLimit: limit ?? null, allowedTypes: allowed ?? null };
}

/**
 * Rejects a bucket that can never store a film, before one is made for it.
 * @returns the types of the files beside a film that the bucket does not allow
 * @throws KeepsakeError `storage-type-refused` or `film-too-large`, with the setting to change
 */
export function judgeBucket(
  name: string,
  { fileSizeLimit, allowedTypes }: Bucket,
): readonly Upload["contentType"][] {
  const where = `(Dashboard, Storage, ${name}, Edit bucket)`;
  if (!isAllowed("video/mp4", allowedTypes)) {
    throw new KeepsakeError(
      "storage-type-refused",
      `Bucket ${name} does not allow video/mp4, only ${(allowedTypes ?? []).join(", ")}: add video/mp4, image/jpeg and text/vtt to its allowed MIME types ${where}.`,
    );
  }
  if (fileSizeLimit !== null && fileSizeLimit < minFilmBytes) {
    throw new KeepsakeError(
      "film-too-large",
      `Bucket ${name} allows files of at most ${fileSizeLimit} bytes, and a film needs ${minFilmBytes}: raise its file size limit ${where}.`,
    );
  }
  return besideFilms.filter((type) => !isAllowed(type, allowedTypes));
}

/** Compares as Storage does: case is ignored, `*` allows all types and `image/*` all of one kind. */
function isAllowed(type: string, allowed: readonly string[] | null): boolean {
  // An empty list allows all types.
  if (allowed === null || allowed.length === 0) return true;
  const kind = type.slice(0, type.indexOf("/"));
  return allowed.some((entry) => ["*", "*/*", `${kind}/*`, type].includes(entry.trim().toLowerCase()));
}

function explainErrorReply(client: StorageClient, bucket: string, reply: StorageReply): KeepsakeError {
  const error = readErrorReply(reply);
  if (isBucketMissing(reply)) {
    return new KeepsakeError(
      "storage-bucket-missing",
      `There is no bucket ${bucket} in Storage. Run keepsake migrate, or create it in the Dashboard under Storage.`,
    );
  }
  const isOtherServer = error.status === 404 || error.status < 400 || parseJson(reply.text) === null;
  const explained = toStorageError(error, `show bucket ${bucket}`);
  return isOtherServer && explained.code === "storage-refused" ? notStorage(client, error) : explained;
}

/**
 * Recognises Storage's own replies for a missing bucket: HTTP 400 with the status in the body, or its error code. HTTP 404
 * alone proves nothing: a gateway without this route and a wrong path of Storage answer it as well.
 */
function isBucketMissing({ status, text: json }: StorageReply): boolean {
  const body = missingSchema.safeParse(parseJson(json));
  if (!body.success) return false;
  const { statusCode, code, error, message } = body.data;
  return (
    code === "NoSuchBucket" ||
    (status === 400 && String(statusCode) === "404") ||
    [error, message].some((text) => text?.toLowerCase() === "bucket not found")
  );
}

function notStorage(
  { projectUrl }: StorageClient,
  reply: { readonly status: number; readonly text: string } | null,
): KeepsakeError {
  const answer =
    reply === null ? "" : ` (it answered ${reply.status}${reply.text === "" ? "" : `: ${reply.text}`})`;
  return new KeepsakeError(
    "storage-refused",
    `The server at ${projectUrl} is not Supabase Storage${answer}. Set SUPABASE_URL to the project's URL, without a path of Storage after it, and check proxies in between.`,
  );
}
