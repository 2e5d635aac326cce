import { z } from "zod";

import { KeepsakeError } from "../errors.js";
import { retryTemporary } from "../retry-temporary.js";
import type { FilmStore, Upload } from "./film-store.js";
import { encodeObject } from "./object-path.js";
import { createStorageClient, type StorageClient } from "./storage-client.js";
import { readRefusal, toStorageError } from "./storage-error.js";
import { createSupabaseReader } from "./supabase-objects.js";
import { chunkBytes, uploadResumable } from "./upload-resumable.js";
import { uploadStandard } from "./upload-standard.js";

export interface SupabaseStoreOptions {
  /** `https://<ref>.supabase.co`, without a slash at its end. */
  readonly projectUrl: string;
  /** Legacy `service_role` JWT or `sb_secret_…`. */
  readonly serviceKey: string;
  readonly bucket: string;
  /** How long browsers and the CDN may keep a film; its URL changes when it is made again. */
  readonly cacheSeconds?: number;
  /** A request on which no byte moves for so long is cut and tried again. */
  readonly stallSeconds?: number;
  /** How long temporary trouble is waited out while nothing moves. */
  readonly retrySeconds?: number;
}

/** Films in Supabase Storage, over its HTTP API. */
export function createSupabaseStore(options: SupabaseStoreOptions): FilmStore {
  const { projectUrl, serviceKey, bucket, stallSeconds = 60, retrySeconds = 120 } = options;
  const client = createStorageClient({ projectUrl, serviceKey, stallSeconds });
  const target = { bucket, cacheSeconds: options.cacheSeconds ?? 3600 };
  const { origin } = new URL(projectUrl);
  return {
    description: `bucket ${bucket} of ${origin}`,
    origin,
    objects: createSupabaseReader(client),
    async check(signal) {
      await readBucket(client, bucket, signal);
    },
    async sizeLimitBytes(signal) {
      const retry = { signal, maxSeconds: retrySeconds };
      const { fileSizeLimit } = await retryTemporary(() => readBucket(client, bucket, signal), retry);
      return fileSizeLimit;
    },
    async put(upload) {
      const { signal } = upload;
      const retry = { signal, maxSeconds: retrySeconds };
      const found = await retryTemporary(() => readBucket(client, bucket, signal), retry);
      if (found.fileSizeLimit !== null && upload.sizeBytes > found.fileSizeLimit) {
        throw new KeepsakeError(
          "storage-film-too-large",
          `The file has ${upload.sizeBytes} bytes and bucket ${bucket} takes ${found.fileSizeLimit}. Raise the bucket's limit, or set KEEPSAKE_MAX_FILM_BYTES to plan films that fit.`,
        );
      }
      const url = objectUrl(projectUrl, bucket, upload.path, found.public);
      if (await retryTemporary(() => isThere(client, bucket, upload), retry)) {
        upload.onBytes(upload.sizeBytes);
      } else if (upload.sizeBytes <= chunkBytes) {
        await retryTemporary(() => uploadStandard(client, target, upload), retry);
      } else {
        await uploadResumable(client, target, upload, retrySeconds);
      }
      return url;
    },
  };
}

/** A private bucket's URL is no secret: it opens only for whoever may read the object, or as the app signs it. */
function objectUrl(projectUrl: string, bucket: string, path: string, isPublic: boolean): string {
  const access = isPublic ? "public" : "authenticated";
  return `${projectUrl}/storage/v1/object/${access}/${encodeObject({ bucket, path })}`;
}

const bucketSchema = z.looseObject({
  public: z.boolean(),
  file_size_limit: z.number().nullish(),
});

async function readBucket(
  client: StorageClient,
  bucket: string,
  signal: AbortSignal,
): Promise<{ readonly public: boolean; readonly fileSizeLimit: number | null }> {
  const reply = await client.send({ method: "GET", path: `bucket/${encodeURIComponent(bucket)}`, signal });
  if (reply.status >= 300) {
    const refusal = readRefusal(reply.status, reply.text);
    if (refusal.status !== 404) throw toStorageError(refusal, `show bucket ${bucket}`);
    throw new KeepsakeError(
      "storage-bucket-missing",
      `There is no bucket ${bucket} in Storage. Run keepsake migrate, or create it in the Dashboard under Storage.`,
    );
  }
  const found = bucketSchema.safeParse(parseJson(reply.text));
  if (!found.success) {
    throw new KeepsakeError(
      "storage-refused",
      `What answers at ${client.projectUrl} is not Supabase Storage.`,
    );
  }
  return { public: found.data.public, fileSizeLimit: found.data.file_size_limit ?? null };
}

const infoSchema = z.looseObject({
  size: z.number().nullish(),
  metadata: z.looseObject({ sha256: z.string().optional(), fingerprint: z.string().optional() }).nullish(),
});

/** True when an earlier attempt has put exactly this file there already. */
async function isThere(client: StorageClient, bucket: string, upload: Upload): Promise<boolean> {
  const { path, signal } = upload;
  const reply = await client.send({
    method: "GET",
    path: `object/info/${encodeObject({ bucket, path })}`,
    signal,
  });
  if (reply.status >= 300) {
    const refusal = readRefusal(reply.status, reply.text);
    if (refusal.status === 404 || refusal.status === 400) return false;
    throw toStorageError(refusal, `tell what is at ${path} in bucket ${bucket}`);
  }
  const info = infoSchema.safeParse(parseJson(reply.text));
  if (!info.success) return false;
  const { size, metadata } = info.data;
  return (
    size === upload.sizeBytes &&
    metadata?.sha256 === upload.sha256 &&
    metadata.fingerprint === upload.fingerprint
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
