import type { StoredObject } from "../../http/object-reader.js";

/** Which objects of the own storage may be read with its key, because a message names them. */
export interface MediaPlaces {
  /**
   * `bucket`, or `bucket/folder` for what lies below it; `{capsule_id}` in it is the capsule's. `*` is every bucket but
   * that of films. Null: the operator has not said yet.
   */
  readonly places: readonly string[] | null;
  readonly capsuleId: string;
  /** Where finished films lie; it is read only where it is named. */
  readonly filmsBucket: string;
}

/** In a place, the capsule's id. */
export const capsulePlaceholder = "{capsule_id}";

/**
 * Whoever may write a message chooses its references, and the key opens every bucket: without a bound, a private file
 * of somebody else's could be shown in the writer's film. While the operator has said nothing, that bound is the
 * capsule's own id as one of the path's names.
 */
export function isMediaPlace(object: StoredObject, { places, capsuleId, filmsBucket }: MediaPlaces): boolean {
  const segments = object.path.split("/");
  if (places === null) {
    return object.bucket !== filmsBucket && segments.some((segment) => isId(segment, capsuleId));
  }
  return places.some((place) => {
    if (place === "*") return object.bucket !== filmsBucket;
    const [bucket = "", ...folders] = place.split("/");
    return (
      fits(object.bucket, bucket, capsuleId) &&
      segments.length > folders.length &&
      folders.every((folder, index) => fits(segments[index] ?? "", folder, capsuleId))
    );
  });
}

/** Programs write the digits of an id in either case. */
export function isId(name: string, capsuleId: string): boolean {
  return name.toLowerCase() === capsuleId.toLowerCase();
}

function fits(name: string, pattern: string, capsuleId: string): boolean {
  return [capsuleId, capsuleId.toUpperCase()].some(
    (id) => pattern.replaceAll(capsulePlaceholder, id) === name,
  );
}
