import type { BucketAccess, StoredObject } from "../../http/object-reader.js";
import { capsulePlaceholder, isId } from "./media-places.js";

/** A file of the project's storage that a message names. */
export interface NamedObject {
  readonly capsuleId: string;
  /** As it is written in the row. */
  readonly reference: string;
  readonly object: StoredObject;
}

const setting = "KEEPSAKE_MEDIA_BUCKETS";
/** Of one bucket; where paths are of more kinds, the bucket is named as a whole. */
const maxFolders = 3;

/**
 * The line that lets messages name the files that they name already, and no others where that can be said: with the
 * capsule's own folder where all paths of a bucket have one. It holds nothing that one person may have made up: buckets
 * that are there, and other folders only where two capsules have them. Buckets that anyone may read are left out where messages
 * name their files by whole addresses, because these are fetched without the key.
 *
 * @param access of each bucket; what is not known to be there may be somebody's words
 * @returns null where nothing has to be set
 */
export function suggestPlaces(
  named: readonly NamedObject[],
  access: ReadonlyMap<string, BucketAccess | null>,
): string | null {
  const byBucket = new Map<string, NamedObject[]>();
  for (const one of named) {
    const { bucket } = one.object;
    if (!isBucket(access.get(bucket)) || !canBePlace(bucket)) continue;
    byBucket.set(bucket, [...(byBucket.get(bucket) ?? []), one]);
  }
  const places = [...byBucket].flatMap(([bucket, files]) =>
    access.get(bucket) === "public" && files.every(({ reference }) => URL.canParse(reference))
      ? []
      : placesOf(bucket, files),
  );
  if (places.length === 0) return null;
  const value = [...new Set(places)].sort().join(",");
  return `${setting}=${/^[\w.,/{}@+-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`}`;
}

function placesOf(bucket: string, files: readonly NamedObject[]): readonly string[] {
  const [first] = files;
  const name =
    first !== undefined && files.every(({ capsuleId }) => isId(bucket, capsuleId))
      ? capsulePlaceholder
      : bucket;
  const capsulesOf = new Map<string | null, Set<string>>();
  for (const file of files) {
    const folder = capsuleFolder(file);
    capsulesOf.set(folder, (capsulesOf.get(folder) ?? new Set()).add(file.capsuleId));
  }
  const isShared = ([folder, { size }]: readonly [string | null, ReadonlySet<string>]): boolean =>
    folder === capsulePlaceholder || (folder !== null && size > 1);
  if (capsulesOf.size > maxFolders || ![...capsulesOf].every(isShared)) return [name];
  return [...capsulesOf.keys()].map((folder) => `${name}/${folder}`);
}

function isBucket(access: BucketAccess | null | undefined): boolean {
  return access === "public" || access === "private";
}

/** The folders of a path up to the one that is called by the capsule's id; null where there is none. */
function capsuleFolder({ capsuleId, object: { path } }: NamedObject): string | null {
  const folders = path.split("/").slice(0, -1);
  const last = folders.findIndex((folder) => isId(folder, capsuleId));
  if (last === -1) return null;
  const before = folders.slice(0, last);
  return before.every(canBePlace) ? [...before, capsulePlaceholder].join("/") : null;
}

/** The setting has commas between its places, and signs of its own. */
function canBePlace(name: string): boolean {
  return !/[,*{}\p{Cc}\\/]/u.test(name) && name.trim() === name && name !== "";
}
