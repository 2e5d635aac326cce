import { z } from "zod";

import { KeepsakeError } from "../errors.js";
import { retryTemporary } from "../retry-temporary.js";
import type { FilmStore } from "./film-store.js";
import { isStored } from "./is-stored.js";
import { createKeptUploads } from "./kept-uploads.js";
import { encodeObject } from "./object-path.js";
import { parseJson } from "./parse-json.js";
import { createStorageClient, type StorageClient } from "./storage-client.js";
import { readRefusal, toStorageError } from "./storage-error.js";
import { createSupabaseReader } from "./supabase-objects.js";
import { chunkBytes, uploadResumable } from "./upload-resumable.js";
import { uploadStandard } from "./upload-standard.js";
import { probeWriting } from "./write-probe.js";

export interface SupabaseStoreOptions {
  /** `https://<ref>.supabase.co`, without a slash at its end. */
  readonly projectUrl: string;
  /** Legacy `service_role` JWT or `sb_secret_…`. */
  readonly serviceKey: string;
  readonly bucket: string;
  /** Further hosts of the project in the addresses that rows have: a custom domain, a public name. */
  readonly projectHosts?: readonly string[];
  /** Where is kept which uploads were begun, so that they go on after a crash. */
  readonly uploadsFolder: string;
  /** The host for large files; by default what hosted projects have. */
  readonly largeFileUrl?: string | null;
  /** How long browsers and the CDN may keep a film; its URL changes when it is made again. */
  readonly cacheSeconds?: number;
  /** A request on which no byte moves for so long is cut and tried again. */
  readonly stallSeconds?: number;
  /** How long temporary trouble is waited out while nothing moves. */
  readonly retrySeconds?: number;
}

/** Films in Supabase Storage, over its HTTP API. */
export function createSupabaseStore(options: SupabaseStoreOptions): FilmStore {
  const { projectUrl, bucket, stallSeconds = 60, retrySeconds = 120 } = options;
  const client = createStorageClient({ ...options, stallSeconds });
  const kept = createKeptUploads(options.uploadsFolder, `${projectUrl}/${bucket}`);
  const target = { bucket, cacheSeconds: options.cacheSeconds ?? 3600, kept, retrySeconds };
  const { origin } = new URL(projectUrl);
  return {
    description: `bucket ${bucket} of ${origin}`,
    bucket,
    origin,
    objects: createSupabaseReader(client, options.projectHosts ?? []),
    async check(signal) {
      await readBucket(client, bucket, signal);
    },
    async probe(signal) {
      await readBucket(client, bucket, signal);
      await probeWriting(client, bucket, signal);
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
      if (upload.sizeBytes > chunkBytes) {
        await uploadResumable(client, target, upload);
      } else {
        // Asked each time, because an answer that was lost may have been a good one.
        await retryTemporary(async () => {
          if (await isStored(client, bucket, upload)) upload.onBytes(upload.sizeBytes);
          else await uploadStandard(client, target, upload);
        }, retry);
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
    const refusal = readRefusal(reply);
    if (refusal.status !== 404) throw toStorageError(refusal, `show bucket ${bucket}`);
    if (parseJson(reply.text) === null) throw notStorage(client);
    throw new KeepsakeError(
      "storage-bucket-missing",
      `There is no bucket ${bucket} in Storage. Run keepsake migrate, or create it in the Dashboard under Storage.`,
    );
  }
  const found = bucketSchema.safeParse(parseJson(reply.text));
  if (!found.success) throw notStorage(client);
  return { public: found.data.public, fileSizeLimit: found.data.file_size_limit ?? null };
}

function notStorage({ projectUrl }: StorageClient): KeepsakeError {
  return new KeepsakeError(
    "storage-refused",
    `What answers at ${projectUrl} is not Supabase Storage. Look at SUPABASE_URL, and at proxies in between.`,
  );
}
