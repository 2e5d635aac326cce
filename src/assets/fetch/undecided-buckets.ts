/**
 * While `KEEPSAKE_MEDIA_BUCKETS` is not set, nobody has said which private files messages may show. One that is not the
 * capsule's own by its path is neither shown, because it may be anyone's, nor left out, because the film would be made
 * without pictures that were meant for it: the job waits for the operator.
 */
import { KeepsakeError } from "../../errors.js";
import { nameBucket } from "../../http/name-bucket.js";
import type { BucketAccess, ObjectReader, StoredObject } from "../../http/object-reader.js";
import { retryTemporary } from "../../http/retry-temporary.js";
import { mapConcurrent } from "../../async/map-concurrent.js";
import type { BucketLookup } from "./bucket-lookup.js";
import { openHttpSource, type HttpSourceOptions } from "./http-source.js";
import type { JudgedReference } from "./judge-references.js";
import type { MediaPlaces } from "./media-places.js";
import { suggestPlaces, type NamedObject } from "./suggest-places.js";

export type UndecidedReference = JudgedReference & { readonly from: "undecided" };

export interface UndecidedRules {
  readonly objects: MediaPlaces & { readonly reader: ObjectReader };
  readonly find: BucketLookup;
  readonly http: HttpSourceOptions;
  /** How long temporary trouble is waited out. */
  readonly retrySeconds: number;
}

const answerSeconds = 20;
/** As many as files are fetched. */
const requestsAtOnce = 4;

/** One reference and what it was judged to be. */
export interface JudgedName {
  readonly reference: string;
  readonly judged: JudgedReference;
}

/**
 * Refuses a capsule whose messages name private files that nobody has decided about, before any file is fetched. A file
 * that is not there, and one that anyone may have, hold nothing.
 *
 * @param names all that the capsule's messages name
 * @throws KeepsakeError `media-setup`, with the line to set; one of Storage
 */
export async function rejectUndecided(
  names: readonly JudgedName[],
  rules: UndecidedRules,
  signal: AbortSignal,
): Promise<void> {
  const undecided = names.flatMap(({ judged }) => (judged.from === "undecided" ? [judged] : []));
  await mapConcurrent(undecided, requestsAtOnce, signal, async (judged, either) => {
    const access = await rules.find(judged.objects[0].bucket, either);
    if (access === "public" || access === "missing") return;
    if (!(await opensWithoutKey(judged, rules, either))) await rejectIfThere(judged, names, rules, either);
  });
}

/** @throws KeepsakeError `media-setup` where the file is there, so that only the key opens it */
export async function rejectIfThere(
  { objects }: UndecidedReference,
  names: readonly JudgedName[],
  rules: UndecidedRules,
  signal: AbortSignal,
): Promise<void> {
  for (const object of objects) {
    if (await isThere(object, rules, signal)) throw await held(object, names, rules, signal);
  }
}

/** Asked for its head first, which not every server knows. One that gives no answer in time is left to the fetching. */
async function opensWithoutKey(
  { objects, reference }: UndecidedReference,
  { objects: { reader }, http, retrySeconds }: UndecidedRules,
  signal: AbortSignal,
): Promise<boolean> {
  const timeout = AbortSignal.timeout(Math.ceil((retrySeconds + answerSeconds) * 1000));
  const either = AbortSignal.any([signal, timeout]);
  for (const address of reader.addressesWithoutKey(reference, objects)) {
    await using source = openHttpSource(address, http);
    const open = async (): Promise<void> => {
      if ((await source.look(either)) === null) (await source.open(0, either)).body.destroy();
    };
    try {
      await retryTemporary(open, { signal: either, maxSeconds: retrySeconds });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (timeout.aborted) return true;
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
    const opened = await retryTemporary(() => reader.open(object, 0, null, signal), {
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

async function held(
  { bucket }: StoredObject,
  names: readonly JudgedName[],
  { objects: { capsuleId, filmsBucket }, find }: UndecidedRules,
  signal: AbortSignal,
): Promise<KeepsakeError> {
  const named = namedObjects(names, capsuleId);
  const access = new Map<string, BucketAccess | null>();
  for (const name of new Set(named.map(({ object }) => object.bucket)))
    access.set(name, await find(name, signal));
  // The file is in it.
  access.set(bucket, "private");
  const line = suggestPlaces(named, access) ?? "KEEPSAKE_MEDIA_BUCKETS";
  return new KeepsakeError(
    "media-setup",
    `The capsule's messages name private files of ${nameBucket(bucket)}, and KEEPSAKE_MEDIA_BUCKETS is not set, which says ` +
      `which private files messages may show. For the files of this capsule set ${line} (\`keepsake doctor\` prints the line ` +
      `for all messages; * is every bucket but ${filmsBucket}) and restart the workers; the job waits.`,
    { setting: "KEEPSAKE_MEDIA_BUCKETS" },
  );
}

/** The files of the project's storage among these, as they would be told apart by the setting. */
export function namedObjects(names: readonly JudgedName[], capsuleId: string): readonly NamedObject[] {
  return names.flatMap(({ reference, judged }) =>
    judged.from === "storage" || judged.from === "undecided"
      ? [{ capsuleId, reference, object: judged.objects[0] }]
      : [],
  );
}
