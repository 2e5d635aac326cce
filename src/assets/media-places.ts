import type { StoredObject } from "../object-reader.js";

/** Which objects of the own storage may be read with its key, because a message names them. */
export interface MediaPlaces {
  /**
   * `bucket`, or `bucket/folder` for what lies below it; `{capsule_id}` in a folder is the capsule's. `*` is every
   * bucket.
   */
  readonly places: readonly string[];
  readonly capsuleId: string;
  /** Where finished films lie; they are read only where this bucket is named. */
  readonly filmsBucket: string;
}

/** A finished film, its poster or its captions. */
const filmName = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.(mp4|jpg|vtt)$/i;

/**
 * Whoever may write a message chooses its references, and the key opens every bucket: without a bound, a private file
 * of somebody else's could be shown in the writer's film.
 */
export function isMediaPlace(object: StoredObject, { places, capsuleId, filmsBucket }: MediaPlaces): boolean {
  return places.some((place) => {
    if (place === "*") return object.bucket !== filmsBucket || !filmName.test(object.path);
    const [bucket, ...folders] = place.replaceAll("{capsule_id}", capsuleId).split("/");
    const segments = object.path.split("/");
    return (
      object.bucket === bucket &&
      segments.length > folders.length &&
      folders.every((folder, index) => folder === segments[index])
    );
  });
}
