import { z } from "zod";

import { KeepsakeError } from "../errors.js";
import type { Upload } from "./film-store.js";
import { parseJson } from "./parse-json.js";
import type { StorageClient, StorageReply } from "./storage-client.js";
import { readRefusal, toStorageError } from "./storage-error.js";

/** What Storage says of a bucket, as far as it concerns films. */
export interface Bucket {
  readonly public: boolean;
  /** The largest file that it takes; null where the bucket sets no limit. The project has one of its own beside. */
  readonly fileSizeLimit: number | null;
  /** MIME types, `*` and `image/*` among them; null where the bucket takes all. */
  readonly allowedTypes: readonly string[] | null;
}

/** No film is planned to be smaller; `KEEPSAKE_MAX_FILM_BYTES` may not be less either. */
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
 * @throws KeepsakeError `storage-bucket-missing`, `storage-key-refused`, or `storage-refused` where what answers is not
 *   Storage; `storage-unavailable` where nothing answers
 */
export async function readBucket(
  client: StorageClient,
  bucket: string,
  signal: AbortSignal,
): Promise<Bucket> {
  const reply = await client.send({ method: "GET", path: `bucket/${encodeURIComponent(bucket)}`, signal });
  if (reply.status >= 300) throw explainRefusal(client, bucket, reply);
  const found = bucketSchema.safeParse(parseJson(reply.text));
  if (!found.success) throw notStorage(client, null);
  const { public: isPublic, file_size_limit: limit, allowed_mime_types: allowed } = found.data;
  return { public: isPublic, fileSizeLimit: limit ?? null, allowedTypes: allowed ?? null };
}

/**
 * Refuses a bucket in which no film will ever be, before one is made for it.
 * @returns the types of what lies beside a film that the bucket does not take
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
      `Bucket ${name} does not take video/mp4, only ${(allowedTypes ?? []).join(", ")}: add video/mp4, image/jpeg and text/vtt to its allowed MIME types ${where}.`,
    );
  }
  if (fileSizeLimit !== null && fileSizeLimit < minFilmBytes) {
    throw new KeepsakeError(
      "film-too-large",
      `Bucket ${name} takes files of at most ${fileSizeLimit} bytes, and a film needs ${minFilmBytes}: raise its file size limit ${where}.`,
    );
  }
  return besideFilms.filter((type) => !isAllowed(type, allowedTypes));
}

/** As Storage compares: without regard to case; `*` and `image/*` stand for all and for all of a kind. */
function isAllowed(type: string, allowed: readonly string[] | null): boolean {
  // An empty list restricts nothing.
  if (allowed === null || allowed.length === 0) return true;
  const kind = type.slice(0, type.indexOf("/"));
  return allowed.some((entry) => ["*", "*/*", `${kind}/*`, type].includes(entry.trim().toLowerCase()));
}

function explainRefusal(client: StorageClient, bucket: string, reply: StorageReply): KeepsakeError {
  const refusal = readRefusal(reply);
  if (isBucketMissing(reply)) {
    return new KeepsakeError(
      "storage-bucket-missing",
      `There is no bucket ${bucket} in Storage. Run keepsake migrate, or create it in the Dashboard under Storage.`,
    );
  }
  const isStranger = refusal.status === 404 || refusal.status < 400 || parseJson(reply.text) === null;
  const error = toStorageError(refusal, `show bucket ${bucket}`);
  return isStranger && error.code === "storage-refused" ? notStorage(client, refusal) : error;
}

/**
 * Storage says it in words of its own: HTTP 400 with the status in the body, or its code. A gateway that knows no such
 * route, and Storage where the path is wrong, answer 404 as well.
 */
function isBucketMissing({ status, text }: StorageReply): boolean {
  const said = missingSchema.safeParse(parseJson(text));
  if (!said.success) return false;
  const { statusCode, code, error, message } = said.data;
  return (
    code === "NoSuchBucket" ||
    (status === 400 && String(statusCode) === "404") ||
    [error, message].some((words) => words?.toLowerCase() === "bucket not found")
  );
}

function notStorage(
  { projectUrl }: StorageClient,
  refusal: { readonly status: number; readonly text: string } | null,
): KeepsakeError {
  const said =
    refusal === null
      ? ""
      : ` (it answered ${refusal.status}${refusal.text === "" ? "" : `: ${refusal.text}`})`;
  return new KeepsakeError(
    "storage-refused",
    `What answers at ${projectUrl} is not Supabase Storage${said}. Set SUPABASE_URL to the project's URL, without a path of Storage after it, and look at proxies in between.`,
  );
}
