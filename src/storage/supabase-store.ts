import { KeepsakeError } from "../errors.js";
import { retry } from "../async/retry.js";
import { sampleFilm, type FilmStore } from "./film-store.js";
import { isFilmStored, isStored } from "./is-stored.js";
import { encodeObject } from "./object-path.js";
import { judgeBucket, readBucket } from "./read-bucket.js";
import { createStorageClient } from "./storage-client.js";
import { createSupabaseReader } from "./supabase-objects.js";
import { cancelUploads, removeObject } from "./remove-objects.js";
import { chunkBytes } from "./tus-requests.js";
import { createUploadNotes } from "./upload-notes.js";
import { uploadResumable } from "./upload-resumable.js";
import { uploadStandard } from "./upload-standard.js";
import { probeWriting } from "./write-probe.js";

export interface SupabaseStoreOptions {
  /** `https://<ref>.supabase.co`, without a slash at the end. */
  readonly projectUrl: string;
  /** Legacy `service_role` JWT or `sb_secret_…`. */
  readonly serviceKey: string;
  readonly bucket: string;
  /** Further hosts of the project in the addresses of rows: a custom domain, a public name. */
  readonly projectHosts?: readonly string[];
  /** Folder for notes about uploads, so that they continue after a crash. */
  readonly uploadsFolder: string;
  /** URL of the host for large files; by default that of hosted projects. */
  readonly largeFileUrl?: string | null;
  /** How long browsers and the CDN may cache a film; its URL changes when it is made again. */
  readonly cacheSeconds?: number;
  /** A request on which no byte moves for this time is cancelled and tried again. */
  readonly stallSeconds?: number;
  /** How long temporary errors are retried without progress. */
  readonly retrySeconds?: number;
}

/** Stores films in Supabase Storage, over its HTTP API. */
export function createSupabaseStore(options: SupabaseStoreOptions): FilmStore {
  const { projectUrl, bucket, stallSeconds = 60, retrySeconds = 120 } = options;
  const client = createStorageClient({ ...options, stallSeconds });
  const notes = createUploadNotes(options.uploadsFolder, `${projectUrl}/${bucket}`);
  const target = { bucket, cacheSeconds: options.cacheSeconds ?? 3600, notes, retrySeconds };
  const { origin } = new URL(projectUrl);
  return {
    description: `bucket ${bucket} of ${origin}`,
    bucket,
    origin,
    objects: createSupabaseReader(client, options.projectHosts ?? []),
    async check(signal) {
      const found = await readBucket(client, bucket, signal);
      const rejectedTypes = judgeBucket(bucket, found);
      await probeWriting(client, bucket, signal);
      const filmUrl = objectUrl(projectUrl, bucket, sampleFilm, found.public);
      return { filmUrl, isPublic: found.public, rejectedTypes };
    },
    async probe(signal) {
      judgeBucket(bucket, await readBucket(client, bucket, signal));
      await probeWriting(client, bucket, signal);
    },
    async sizeLimitBytes(signal) {
      const limits = { signal, maxSeconds: retrySeconds };
      const found = await retry(() => readBucket(client, bucket, signal), limits);
      judgeBucket(bucket, found);
      return found.fileSizeLimit;
    },
    async has(film) {
      const limits = { signal: film.signal, maxSeconds: retrySeconds };
      return await retry(() => isFilmStored(client, bucket, film), limits);
    },
    async put(upload) {
      const { signal } = upload;
      const limits = { signal, maxSeconds: retrySeconds };
      const found = await retry(() => readBucket(client, bucket, signal), limits);
      if (found.fileSizeLimit !== null && upload.sizeBytes > found.fileSizeLimit) {
        throw new KeepsakeError(
          "storage-film-too-large",
          `The file has ${upload.sizeBytes} bytes and bucket ${bucket} allows ${found.fileSizeLimit}. Raise the bucket's limit, or set KEEPSAKE_MAX_FILM_BYTES, so that films are planned to fit.`,
        );
      }
      const url = objectUrl(projectUrl, bucket, upload.path, found.public);
      if (upload.sizeBytes > chunkBytes) {
        await uploadResumable(client, target, upload);
      } else {
        // Each retry checks first whether the file is stored: the lost reply may have been a success.
        await retry(async () => {
          if (await isStored(client, bucket, upload)) upload.onBytes(upload.sizeBytes);
          else await uploadStandard(client, target, upload);
        }, limits);
      }
      return url;
    },
    async remove(paths, signal) {
      const limits = { signal, maxSeconds: retrySeconds };
      // Storage sends the same reply for a missing bucket as for a missing object.
      await retry(() => readBucket(client, bucket, signal), limits);
      await cancelUploads(client, notes, paths, signal);
      const removed: string[] = [];
      for (const path of paths) {
        if (await retry(() => removeObject(client, { bucket, path }, signal), limits)) removed.push(path);
      }
      return removed;
    },
    cancelUploads: async (paths, signal) => await cancelUploads(client, notes, paths, signal),
  };
}

/** The URL of an object in a private bucket is no secret: it works only with a key that may read it, or when signed. */
function objectUrl(projectUrl: string, bucket: string, path: string, isPublic: boolean): string {
  const access = isPublic ? "public" : "authenticated";
  return `${projectUrl}/storage/v1/object/${access}/${encodeObject({ bucket, path })}`;
}
