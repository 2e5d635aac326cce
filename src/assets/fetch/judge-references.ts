/**
 * Where what a message names would be fetched from, or why it is not fetched. Nothing is asked for here: the fetcher
 * and `keepsake doctor` judge by the same rules.
 */
import { hasDisguisedPath } from "../../http/disguised-path.js";
import { KeepsakeError } from "../../errors.js";
import { nameBucket } from "../../http/name-bucket.js";
import type { ObjectReader, StoredObject } from "../../http/object-reader.js";
import { checkUrl, refused, type UrlRules } from "./check-url.js";
import { explainReference, howToWrite } from "./explain-reference.js";
import { isMediaPlace, type MediaPlaces } from "./media-places.js";
import { splitReferences } from "./split-references.js";

export interface ReferenceRules extends UrlRules {
  /** Files of the project's own storage that may be read with its key; null where there is no storage. */
  readonly objects: (MediaPlaces & { readonly reader: Pick<ObjectReader, "locate"> }) | null;
  /** Only for `keepsake render capsule.json`: references that are no URL are files below this folder. */
  readonly relativeTo?: string;
}

/** `key` is the same for references that name the same file. */
export type JudgedReference = { readonly key: string } & (
  | {
      /** Read from the project's storage with its key: the first of these objects that is there. */
      readonly from: "storage";
      readonly objects: readonly [StoredObject, ...StoredObject[]];
      /** What else the reference may mean: an object of a bucket that messages may not name. */
      readonly outside: StoredObject | null;
    }
  | {
      /**
       * Of the project's storage, and read without its key if anyone may: else the operator has to say first whether
       * messages may name it.
       */
      readonly from: "undecided";
      readonly objects: readonly [StoredObject, ...StoredObject[]];
      readonly reference: string;
    }
  | {
      /** Fetched without the key, as anyone could who has the address. */
      readonly from: "web";
      readonly url: URL;
      /** The object of the project's storage that the address names, which messages may not name. */
      readonly outside: StoredObject | null;
    }
  /** A file below the folder of a `capsule.json`. */
  | { readonly from: "file"; readonly path: string }
  /** Not fetched: `media-address-refused`, with the reason and how to write the address. */
  | { readonly from: "nowhere"; readonly error: KeepsakeError; readonly outside: StoredObject | null }
);

/**
 * @param column what a column of a row holds: one reference, or a list of them
 */
export function judgeReferences(column: string, rules: ReferenceRules): readonly JudgedReference[] {
  return splitReferences(column).map((reference) => judgeReference(reference, rules));
}

/** @param reference one reference, as `splitReferences` gives it */
export function judgeReference(reference: string, rules: ReferenceRules): JudgedReference {
  const { objects, relativeTo } = rules;
  const isUrl = URL.canParse(reference);
  if (relativeTo !== undefined && !isUrl) return { from: "file", path: reference, key: `file ${reference}` };
  const unlike = explainReference(reference);
  const named = objects === null || unlike !== null ? [] : objects.reader.locate(reference);
  const isReadable = (object: StoredObject): boolean => objects !== null && isMediaPlace(object, objects);
  const [asWritten, ...otherNames] = named;
  const outside = asWritten === undefined || isReadable(asWritten) ? null : asWritten;
  const isNamed = asWritten !== undefined && outside === null;
  const located = isNamed || objects === null || unlike !== null ? named : inOnlyBucket(reference, objects);
  const [first, ...others] = located.filter(isReadable);
  if (first !== undefined) {
    const paths = [first, ...others].map(({ bucket, path }) => `${bucket}/${path}`);
    return { from: "storage", objects: [first, ...others], outside, key: ["storage", ...paths].join("\n") };
  }
  if (outside !== null && objects?.places === null && outside.bucket !== objects.filmsBucket) {
    const key = isUrl ? `web ${reference}` : `undecided ${outside.bucket}/${outside.path}`;
    return { from: "undecided", objects: [outside, ...otherNames], reference, key };
  }
  try {
    if (unlike !== null) throw refused(unlike);
    if (hasDisguisedPath(reference) && isOwn(reference, rules)) throw refused(disguised);
    if (!isUrl && outside === null)
      throw refused(`it is neither a web address nor names a bucket; ${howToWrite}`);
    const { url } = checkUrl(reference, rules);
    return { from: "web", url, outside, key: `web ${url.href.replace(/#.*$/, "")}` };
  } catch (error) {
    if (!(error instanceof KeepsakeError)) throw error;
    const why = outside === null ? error : nameTheBucket(error, outside);
    return { from: "nowhere", error: why, outside, key: `nowhere ${reference}` };
  }
}

const disguised =
  "a part of its path is a dot, two dots, or has a slash or a backslash in it, as it is or encoded; write each folder and the file's name after a slash";

/** Other hosts may call their files as they like. */
function isOwn(reference: string, { ownOrigin }: UrlRules): boolean {
  return !URL.canParse(reference) || new URL(reference).origin === ownOrigin;
}

/** Says why the key was not used, where that may be what is wrong. */
export function nameTheBucket(error: KeepsakeError, { bucket }: StoredObject): KeepsakeError {
  if (error.fault !== "file") return error;
  return refused(
    `messages may not name this file of ${nameBucket(bucket)}, and nobody gets it without the key; ` +
      "KEEPSAKE_MEDIA_BUCKETS says which they may",
    { cause: error },
  );
}

/** Where exactly one bucket is configured, a path without a bucket is one of that bucket. */
function inOnlyBucket(
  reference: string,
  { reader, places }: NonNullable<ReferenceRules["objects"]>,
): readonly StoredObject[] {
  const [bucket, ...otherBuckets] = new Set((places ?? []).map((place) => place.split("/", 1)[0] as string));
  if (bucket === undefined || bucket === "*" || otherBuckets.length > 0) return [];
  if (URL.canParse(reference) || /^\/storage\/v1\/|^\/\/|^\.{1,2}\//.test(reference)) return [];
  return reader.locate(`${bucket}/${reference.replace(/^\//, "")}`);
}
