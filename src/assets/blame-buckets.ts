import { KeepsakeError } from "../errors.js";
import { nameBucket } from "../name-bucket.js";
import type { ObjectReader, StoredObject } from "../object-reader.js";
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
export function createBucketBlame(
  objects: (MediaPlaces & { readonly reader: ObjectReader }) | null,
): (error: unknown, located: Located, signal: AbortSignal) => Promise<unknown> {
  const known = new Map<string, boolean | null>();
  const isThere = async (bucket: string, signal: AbortSignal): Promise<boolean | null> => {
    const answer = known.get(bucket) ?? (await objects?.reader.hasBucket(bucket, signal)) ?? null;
    known.set(bucket, answer);
    return answer;
  };
  return async (error, { inside, outside }, signal) => {
    if (objects === null || objects.places.includes("*")) return error;
    if (!(error instanceof KeepsakeError) || error.fault !== "file") return error;
    if (inside !== null && (await isThere(inside.bucket, signal)) === false) {
      const text = `There is no ${nameBucket(inside.bucket)} in Storage, though ${setting} names it.`;
      return new KeepsakeError("media-not-found", text, { cause: error, setting });
    }
    if (outside === null || (await isThere(outside.bucket, signal)) !== true) return error;
    return new KeepsakeError(error.code, error.message, { cause: error, setting });
  };
}
