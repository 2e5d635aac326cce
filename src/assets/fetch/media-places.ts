import type { StoredObject } from "../../http/object-reader.js";

/** The objects of the project's storage that may be read with its key when a message names them. */
export interface MediaPlaces {
  /**
   * Entries are `bucket`, or `bucket/folder` for all objects below it; `{capsule_id}` stands for the capsule's id. `*`
   * is every bucket except that of films. Null: the operator has not decided yet.
   */
  readonly places: readonly string[] | null;
  readonly capsuleId: string;
  /** Bucket of finished films, which is readable only when an entry names it. */
  readonly filmsBucket: string;
}

/** Stands for the capsule's id in an entry. */
export const capsulePlaceholder = "{capsule_id}";

/**
 * Whether an object may be read with the key. The author of a message chooses its references and the key opens every
 * bucket, so without a limit a film could show another person's private file. Until the operator has decided, the
 * limit is the capsule's own id as a segment of the path.
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
      matches(object.bucket, bucket, capsuleId) &&
      segments.length > folders.length &&
      folders.every((folder, index) => matches(segments[index] ?? "", folder, capsuleId))
    );
  });
}

/** Compares ignoring case: programs write the digits of an id in either case. */
export function isId(name: string, capsuleId: string): boolean {
  return name.toLowerCase() === capsuleId.toLowerCase();
}

function matches(name: string, pattern: string, capsuleId: string): boolean {
  return [capsuleId, capsuleId.toUpperCase()].some(
    (id) => pattern.replaceAll(capsulePlaceholder, id) === name,
  );
}
