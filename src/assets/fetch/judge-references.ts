/**
 * Decides from where a message's reference is fetched, or why it is not fetched, without sending any request. The fetcher
 * and `keepsake doctor` use these rules.
 */
import { hasDisguisedPath } from "../../http/disguised-path.js";
import { KeepsakeError } from "../../errors.js";
import { nameBucket, type ObjectReader, type StoredObject } from "../../http/object-reader.js";
import { checkUrl, addressRejected, type UrlRules } from "./check-url.js";
import { explainReference, howToWrite } from "./explain-reference.js";
import { isMediaPlace, type MediaPlaces } from "./media-places.js";
import { splitReferences } from "./split-references.js";

export interface ReferenceRules extends UrlRules {
  /** The objects of the project's storage that may be read with its key; null when there is no storage. */
  readonly objects: (MediaPlaces & { readonly reader: Pick<ObjectReader, "locate"> }) | null;
  /** Only for `keepsake render capsule.json`: references that are no URL are files below this folder. */
  readonly relativeTo?: string;
}

/** A reference with the place that it is fetched from. `key` is the same for references to the same file. */
export type JudgedReference = { readonly key: string } & (
  | {
      /** Read from the project's storage with its key: the first of these objects that exists. */
      readonly from: "storage";
      readonly objects: readonly [StoredObject, ...StoredObject[]];
      /** Another meaning of the reference: an object of a bucket that messages may not name. */
      readonly outside: StoredObject | null;
    }
  | {
      /**
       * An object of the project's storage, fetched without the key if anyone may read it. Otherwise the operator has to decide
       * first whether messages may name it.
       */
      readonly from: "undecided";
      readonly objects: readonly [StoredObject, ...StoredObject[]];
      readonly reference: string;
    }
  | {
      /** Fetched without the key, as anyone with the address could. */
      readonly from: "web";
      readonly url: URL;
      /** The object of the project's storage at this address, which messages may not name. */
      readonly outside: StoredObject | null;
    }
  /** A file below the folder of a `capsule.json`. */
  | { readonly from: "file"; readonly path: string }
  /** A reference that is not fetched. The error `media-address-refused` has the reason, and how to write the address. */
  | { readonly from: "nowhere"; readonly error: KeepsakeError; readonly outside: StoredObject | null }
);

/** @param column the value of a row's column: one reference, or a list of them */
export function judgeReferences(column: string, rules: ReferenceRules): readonly JudgedReference[] {
  return splitReferences(column).map((reference) => judgeReference(reference, rules));
}

/** @param reference one reference, as `splitReferences` returns it */
export function judgeReference(reference: string, rules: ReferenceRules): JudgedReference {
  const { objects, relativeTo } = rules;
  const isUrl = URL.canParse(reference);
  if (relativeTo !== undefined && !isUrl) return { from: "file", path: reference, key: `file ${reference}` };
  const fault = explainReference(reference);
  const named = objects === null || fault !== null ? [] : objects.reader.locate(reference);
  const isReadable = (object: StoredObject): boolean => objects !== null && isMediaPlace(object, objects);
  const [asWritten, ...otherNames] = named;
  const outside = asWritten === undefined || isReadable(asWritten) ? null : asWritten;
  const isNamed = asWritten !== undefined && outside === null;
  const located = isNamed || objects === null || fault !== null ? named : inOnlyBucket(reference, objects);
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
    if (fault !== null) throw addressRejected(fault);
    if (hasDisguisedPath(reference) && isOwn(reference, rules)) throw addressRejected(disguised);
    if (!isUrl && outside === null)
      throw addressRejected(`it is neither a web address nor names a bucket; ${howToWrite}`);
    const { url } = checkUrl(reference, rules);
    return { from: "web", url, outside, key: `web ${url.href.replace(/#.*$/, "")}` };
  } catch (error) {
    if (!(error instanceof KeepsakeError)) throw error;
    const why = outside === null ? error : nameTheBucket(error, outside);
    return { from: "nowhere", error: why, outside, key: `nowhere ${reference}` };
  }
}

const disguised =
  "a segment of its path is a dot, two dots, or contains a slash or a backslash, plain or encoded; write each folder and the file's name after a slash";

/** Whether a reference names a file of the project. The rule about paths applies only there: other hosts may use any path. */
function isOwn(reference: string, { ownOrigin }: UrlRules): boolean {
  return !URL.canParse(reference) || new URL(reference).origin === ownOrigin;
}

/** Explains an error that may be caused by a request without the key. */
export function nameTheBucket(error: KeepsakeError, { bucket }: StoredObject): KeepsakeError {
  if (error.fault !== "file") return error;
  return addressRejected(
    `messages may not name this file of ${nameBucket(bucket)}, and it cannot be read without the key; ` +
      "KEEPSAKE_MEDIA_BUCKETS lists the buckets and folders that they may name",
    { cause: error },
  );
}

/** Resolves a path without a bucket when exactly one bucket is configured: it is a path in that bucket. */
function inOnlyBucket(
  reference: string,
  { reader, places }: NonNullable<ReferenceRules["objects"]>,
): readonly StoredObject[] {
  const [bucket, ...otherBuckets] = new Set((places ?? []).map((place) => place.split("/", 1)[0] as string));
  if (bucket === undefined || bucket === "*" || otherBuckets.length > 0) return [];
  if (URL.canParse(reference) || /^\/storage\/v1\/|^\/\/|^\.{1,2}\//.test(reference)) return [];
  return reader.locate(`${bucket}/${reference.replace(/^\//, "")}`);
}
