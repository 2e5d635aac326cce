import type { BucketAccess, StoredObject } from "../../http/object-reader.js";
import { capsulePlaceholder, isId } from "./media-places.js";

/** An object of the project's storage that a message names. */
export interface NamedObject {
  readonly capsuleId: string;
  /** The reference as written in the row. */
  readonly reference: string;
  readonly object: StoredObject;
}

const setting = "KEEPSAKE_MEDIA_BUCKETS";
/** Maximum of suggested folders in one bucket; with more, the whole bucket is suggested. */
const maxFolders = 3;

/**
 * Suggests a line for the setting that allows the files that messages already name, and as few others as possible: the
 * capsule's own folder when all paths of a bucket have one. The line contains no text that a single person may have
 * invented: only buckets that exist, and other folders only when two capsules use them. Public buckets are left out when
 * messages name their files by whole addresses, because those are fetched without the key.
 *
 * @param access access of each bucket; the name of a bucket that is not known to exist may be any user content
 * @returns null when nothing has to be set
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

/** The folders of a path up to the one named by the capsule's id; null when there is none. */
function capsuleFolder({ capsuleId, object: { path } }: NamedObject): string | null {
  const folders = path.split("/").slice(0, -1);
  const last = folders.findIndex((folder) => isId(folder, capsuleId));
  if (last === -1) return null;
  const before = folders.slice(0, last);
  return before.every(canBePlace) ? [...before, capsulePlaceholder].join("/") : null;
}

/** Whether the setting can name a bucket or folder: commas separate its entries, and some characters have a special meaning. */
function canBePlace(name: string): boolean {
  return !/[,*{}\p{Cc}\\/]/u.test(name) && name.trim() === name && name !== "";
}
