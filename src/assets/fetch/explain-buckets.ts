import { KeepsakeError } from "../../errors.js";
import { nameBucket } from "../../http/name-bucket.js";
import type { StoredObject } from "../../http/object-reader.js";
import type { BucketLookup } from "./bucket-lookup.js";
import type { MediaPlaces } from "./media-places.js";

const setting = "KEEPSAKE_MEDIA_BUCKETS";

/** What a reference was taken for. */
export interface Located {
  /** The object that was asked for with the key, if one was. */
  readonly inside: StoredObject | null;
  /** What else it may mean: an object that messages may not name. */
  readonly outside: StoredObject | null;
}

/**
 * Says of a file of the project that could not be had whether `KEEPSAKE_MEDIA_BUCKETS` is to blame: it does not name the
 * file's bucket or folder, or it names a bucket that is not there. A bucket that is neither named nor there is the row's
 * own mistake: `n/a` reads like a bucket and a path, too.
 *
 * @returns for an error of one film's files the same, with the setting where that is to blame
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
