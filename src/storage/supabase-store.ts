import { KeepsakeError } from "../errors.js";
import { retryTemporary } from "../http/retry-temporary.js";
import { sampleFilm, type FilmStore } from "./film-store.js";
import { isFilmThere, isStored } from "./is-stored.js";
import { createUploadNotes } from "./upload-notes.js";
import { encodeObject } from "./object-path.js";
import { judgeBucket, readBucket } from "./read-bucket.js";
import { createStorageClient } from "./storage-client.js";
import { createSupabaseReader } from "./supabase-objects.js";
import { abandonUploads, removeObject } from "./remove-objects.js";
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
  const kept = createUploadNotes(options.uploadsFolder, `${projectUrl}/${bucket}`);
  const target = { bucket, cacheSeconds: options.cacheSeconds ?? 3600, kept, retrySeconds };
  const { origin } = new URL(projectUrl);
  return {
    description: `bucket ${bucket} of ${origin}`,
    bucket,
    origin,
    objects: createSupabaseReader(client, options.projectHosts ?? []),
    async check(signal) {
      const found = await readBucket(client, bucket, signal);
      const refusedTypes = judgeBucket(bucket, found);
      await probeWriting(client, bucket, signal);
      const filmUrl = objectUrl(projectUrl, bucket, sampleFilm, found.public);
      return { filmUrl, isPublic: found.public, refusedTypes };
    },
    async probe(signal) {
      judgeBucket(bucket, await readBucket(client, bucket, signal));
      await probeWriting(client, bucket, signal);
    },
    async sizeLimitBytes(signal) {
      const retry = { signal, maxSeconds: retrySeconds };
      const found = await retryTemporary(() => readBucket(client, bucket, signal), retry);
      judgeBucket(bucket, found);
      return found.fileSizeLimit;
    },
    async holds(film) {
      const retry = { signal: film.signal, maxSeconds: retrySeconds };
      return await retryTemporary(() => isFilmThere(client, bucket, film), retry);
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
    async remove(paths, signal) {
      const retry = { signal, maxSeconds: retrySeconds };
      // Of a bucket that is missing Storage says the same as of an object.
      await retryTemporary(() => readBucket(client, bucket, signal), retry);
      await abandonUploads(client, kept, paths, signal);
      const removed: string[] = [];
      for (const path of paths) {
        if (await retryTemporary(() => removeObject(client, { bucket, path }, signal), retry))
          removed.push(path);
      }
      return removed;
    },
    abandonUploads: async (paths, signal) => await abandonUploads(client, kept, paths, signal),
  };
}

/** A private bucket's URL is no secret: it opens only for whoever may read the object, or as the app signs it. */
function objectUrl(projectUrl: string, bucket: string, path: string, isPublic: boolean): string {
  const access = isPublic ? "public" : "authenticated";
  return `${projectUrl}/storage/v1/object/${access}/${encodeObject({ bucket, path })}`;
}
