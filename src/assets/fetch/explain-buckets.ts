import { KeepsakeError } from "../../errors.js";
import {
  nameBucket,
  type BucketAccess,
  type ObjectReader,
  type StoredObject,
} from "../../http/object-reader.js";
import type { MediaPlaces } from "./media-places.js";

const setting = "KEEPSAKE_MEDIA_BUCKETS";

export type BucketLookup = (bucket: string, signal: AbortSignal) => Promise<BucketAccess | null>;

/** Looks up each bucket once, and again if an earlier lookup failed. */
export function createBucketLookup(reader: Pick<ObjectReader, "findBucket"> | null): BucketLookup {
  const known = new Map<string, BucketAccess | null>();
  return async (bucket, signal) => {
    const access = known.get(bucket) ?? (await reader?.findBucket(bucket, signal)) ?? null;
    known.set(bucket, access);
    return access;
  };
}

/** The objects that a reference was resolved to. */
export interface Located {
  /** The object that was requested with the key, if any. */
  readonly inside: StoredObject | null;
  /** Another meaning of the reference: an object that messages may not name. */
  readonly outside: StoredObject | null;
}

/**
 * Explains why a file of the project could not be fetched when `KEEPSAKE_MEDIA_BUCKETS` is the reason: the setting does
 * not name the file's bucket or folder, or it names a bucket that does not exist. A bucket that does not exist and that the
 * setting does not name is a mistake of the row: even `n/a` can be parsed as a bucket and a path.
 *
 * @returns the same error; for an error of one file, with the setting when that is the reason
 */
export function createBucketExplainer(
  objects: MediaPlaces | null,
  find: BucketLookup,
): (error: unknown, located: Located, signal: AbortSignal) => Promise<unknown> {
  return async (error, { inside, outside }, signal) => {
    if (objects === null || objects.places?.includes("*") === true) return error;
    if (!(error instanceof KeepsakeError) || error.fault !== "file") return error;
    if (inside !== null && objects.places !== null && (await find(inside.bucket, signal)) === "missing") {
      const text = `There is no ${nameBucket(inside.bucket)} in Storage, though ${setting} names it.`;
      return new KeepsakeError("media-not-found", text, { cause: error, setting });
    }
    const access = outside === null ? null : await find(outside.bucket, signal);
    if (access !== "public" && access !== "private") return error;
    return new KeepsakeError(error.code, error.message, { cause: error, setting });
  };
}
