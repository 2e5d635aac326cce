/**
 * While `KEEPSAKE_MEDIA_BUCKETS` is not set, nobody has decided which private files messages may show. A file whose path
 * does not belong to the capsule cannot be shown, because it may be another person's, and should not be left out, because
 * it may be meant for the film. The job waits for the operator.
 */
import { KeepsakeError } from "../../errors.js";
import {
  nameBucket,
  type BucketAccess,
  type ObjectReader,
  type StoredObject,
} from "../../http/object-reader.js";
import { openDeadline } from "../../async/deadline.js";
import { retry } from "../../async/retry.js";
import { mapConcurrent } from "../../async/map-concurrent.js";
import type { BucketLookup } from "./explain-buckets.js";
import { openHttpSource, type HttpSourceOptions } from "./http-source.js";
import type { JudgedReference } from "./judge-references.js";
import type { MediaPlaces } from "./media-places.js";
import { suggestPlaces, type NamedObject } from "./suggest-places.js";

export type UndecidedReference = JudgedReference & { readonly from: "undecided" };

export interface UndecidedRules {
  readonly objects: MediaPlaces & { readonly reader: ObjectReader };
  readonly find: BucketLookup;
  readonly http: HttpSourceOptions;
  /** How long temporary errors are retried. */
  readonly retrySeconds: number;
}

const answerSeconds = 20;
/** The same number as of concurrent fetches. */
const maxConcurrentRequests = 4;

/** A reference with the result of `judgeReference`. */
export interface JudgedName {
  readonly reference: string;
  readonly judged: JudgedReference;
}

/**
 * Rejects a capsule whose messages name private files that nobody has decided about, before any file is fetched. Files
 * that do not exist and files that anyone may read do not matter.
 *
 * @param names all references of the capsule's messages
 * @throws KeepsakeError `media-setup`, with the line to set; an error of Storage
 */
export async function rejectUndecided(
  names: readonly JudgedName[],
  rules: UndecidedRules,
  signal: AbortSignal,
): Promise<void> {
  const undecided = names.flatMap(({ judged }) => (judged.from === "undecided" ? [judged] : []));
  await mapConcurrent(undecided, maxConcurrentRequests, signal, async (judged, taskSignal) => {
    const access = await rules.find(judged.objects[0].bucket, taskSignal);
    if (access === "public" || access === "missing") return;
    if (!(await opensWithoutKey(judged, rules, taskSignal)))
      await rejectIfThere(judged, names, rules, taskSignal);
  });
}

/** @throws KeepsakeError `media-setup` when the file exists, because then only the key opens it */
export async function rejectIfThere(
  { objects }: UndecidedReference,
  names: readonly JudgedName[],
  rules: UndecidedRules,
  signal: AbortSignal,
): Promise<void> {
  for (const object of objects) {
    if (await isThere(object, rules, signal)) throw await undecidedError(object, names, rules, signal);
  }
}

/**
 * Whether anyone may read a file. HEAD is tried first, which not every server supports. Without a reply in time the result
 * is true, and the error occurs when the file is fetched.
 */
async function opensWithoutKey(
  { objects, reference }: UndecidedReference,
  { objects: { reader }, http, retrySeconds }: UndecidedRules,
  signal: AbortSignal,
): Promise<boolean> {
  using deadline = openDeadline({ seconds: retrySeconds + answerSeconds, parent: signal });
  for (const address of reader.addressesWithoutKey(reference, objects)) {
    await using source = openHttpSource(address, http);
    const open = async (): Promise<void> => {
      if ((await source.readVersion(deadline.signal)) === null)
        (await source.open(0, deadline.signal)).body.destroy();
    };
    try {
      await retry(open, { signal: deadline.signal, maxSeconds: retrySeconds });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.isOver()) return true;
      if (!(error instanceof KeepsakeError) || error.fault !== "file") throw error;
    }
  }
  return false;
}

async function isThere(
  object: StoredObject,
  { objects: { reader }, retrySeconds }: UndecidedRules,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const opened = await retry(() => reader.open(object, 0, null, signal), {
      signal,
      maxSeconds: retrySeconds,
    });
    if ("body" in opened) opened.body.destroy();
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof KeepsakeError && error.fault === "file") return false;
    throw error;
  }
}

async function undecidedError(
  { bucket }: StoredObject,
  names: readonly JudgedName[],
  { objects: { capsuleId, filmsBucket }, find }: UndecidedRules,
  signal: AbortSignal,
): Promise<KeepsakeError> {
  const named = namedObjects(names, capsuleId);
  const access = new Map<string, BucketAccess | null>();
  for (const name of new Set(named.map(({ object }) => object.bucket)))
    access.set(name, await find(name, signal));
  // The bucket is not missing, because the file is in it.
  access.set(bucket, "private");
  const line = suggestPlaces(named, access) ?? "KEEPSAKE_MEDIA_BUCKETS";
  return new KeepsakeError(
    "media-setup",
    `The capsule's messages name private files of ${nameBucket(bucket)}, but KEEPSAKE_MEDIA_BUCKETS, which lists the ` +
      `private files that messages may show, is not set. For the files of this capsule set ${line} (\`keepsake doctor\` prints the ` +
      `line for all messages; * is every bucket except ${filmsBucket}) and restart the workers; the job waits.`,
    { setting: "KEEPSAKE_MEDIA_BUCKETS" },
  );
}

/** The references to the project's storage, with the objects that the setting would allow or reject. */
export function namedObjects(names: readonly JudgedName[], capsuleId: string): readonly NamedObject[] {
  return names.flatMap(({ reference, judged }) =>
    judged.from === "storage" || judged.from === "undecided"
      ? [{ capsuleId, reference, object: judged.objects[0] }]
      : [],
  );
}
