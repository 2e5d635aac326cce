import { KeepsakeError } from "../errors.js";
import { nameBucket } from "../name-bucket.js";
import type { ObjectReader, StoredObject } from "../object-reader.js";
import { refused } from "./check-url.js";
import { isMediaPlace, type MediaPlaces } from "./media-places.js";

const setting = "KEEPSAKE_MEDIA_BUCKETS";

/**
 * Says of a file of the project that could not be had whether that is due to `KEEPSAKE_MEDIA_BUCKETS`: the setting does
 * not name the file's bucket or folder, or names a bucket that is not there. A bucket that neither exists nor is named
 * stands in the row alone: `n/a` reads like a bucket and a path, too.
 *
 * @param objects where the file belongs to
 * @returns what to throw in place of the error
 */
export async function blameBuckets(
  error: unknown,
  object: StoredObject,
  objects: MediaPlaces & { readonly reader: ObjectReader },
  signal: AbortSignal,
): Promise<unknown> {
  if (!(error instanceof KeepsakeError) || error.fault !== "file") return error;
  const { places, reader } = objects;
  const isBounded = !places.includes("*");
  const bucket = nameBucket(object.bucket);
  if (!isMediaPlace(object, objects)) {
    const why =
      `messages may not name this file of ${bucket}, and nobody gets it without the key; ` +
      `${setting} says which they may`;
    const isThere = isBounded && (await reader.hasBucket(object.bucket, signal)) === true;
    return refused(why, { cause: error, ...(isThere && { setting }) });
  }
  const mayBeMissing = isBounded && error.code === "media-not-found";
  if (!mayBeMissing || (await reader.hasBucket(object.bucket, signal)) !== false) return error;
  const text = `There is no ${bucket} in Storage, though ${setting} names it.`;
  return new KeepsakeError("media-not-found", text, { cause: error, setting });
}
