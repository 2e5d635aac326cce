import { KeepsakeError } from "../errors.js";
import { nameBucket } from "../name-bucket.js";
import type { ObjectReader, StoredObject } from "../object-reader.js";
import { refused } from "./check-url.js";
import { isMediaPlace, type MediaPlaces } from "./media-places.js";

const setting = "KEEPSAKE_MEDIA_BUCKETS";

/**
 * Says of a file of the project that could not be had whether `KEEPSAKE_MEDIA_BUCKETS` is to blame: it does not name the
 * file's bucket or folder, or it names a bucket that is not there. A bucket that is neither named nor there is the row's
 * own mistake: `n/a` reads like a bucket and a path, too.
 *
 * @returns for an error of one film's files what to throw in its place
 */
export function createBucketBlame(
  objects: (MediaPlaces & { readonly reader: ObjectReader }) | null,
): (error: unknown, object: StoredObject, signal: AbortSignal) => Promise<unknown> {
  const known = new Map<string, boolean | null>();
  const isThere = async (bucket: string, signal: AbortSignal): Promise<boolean | null> => {
    const answer = known.get(bucket) ?? (await objects?.reader.hasBucket(bucket, signal)) ?? null;
    known.set(bucket, answer);
    return answer;
  };
  return async (error, object, signal) => {
    if (objects === null || !(error instanceof KeepsakeError) || error.fault !== "file") return error;
    const isBounded = !objects.places.includes("*");
    const bucket = nameBucket(object.bucket);
    if (!isMediaPlace(object, objects)) {
      const why =
        `messages may not name this file of ${bucket}, and nobody gets it without the key; ` +
        `${setting} says which they may`;
      const isBlamed = isBounded && (await isThere(object.bucket, signal)) === true;
      return refused(why, { cause: error, ...(isBlamed && { setting }) });
    }
    const mayBeMissing = isBounded && error.code === "media-not-found";
    if (!mayBeMissing || (await isThere(object.bucket, signal)) !== false) return error;
    const text = `There is no ${bucket} in Storage, though ${setting} names it.`;
    return new KeepsakeError("media-not-found", text, { cause: error, setting });
  };
}
