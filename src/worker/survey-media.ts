/** Checks the files that the newest messages name, so that problems are found before a film is made. */
import { createBucketLookup } from "../assets/fetch/explain-buckets.js";
import { judgeReference, type JudgedReference } from "../assets/fetch/judge-references.js";
import { splitReferences } from "../assets/fetch/split-references.js";
import { suggestPlaces } from "../assets/fetch/suggest-places.js";
import { namedObjects, type JudgedName } from "../assets/fetch/undecided-buckets.js";
import type { MediaConfig } from "../settings/config.js";
import type { Database } from "../database/database.js";
import { nameBucket } from "../http/object-reader.js";
import type { BucketAccess, ObjectReader } from "../http/object-reader.js";
import type { FilmStore } from "../storage/film-store.js";

export interface SurveyOptions {
  readonly database: Database;
  readonly store: Pick<FilmStore, "objects" | "bucket" | "origin">;
  readonly media: Pick<MediaConfig, "hosts" | "places">;
  readonly signal: AbortSignal;
}

export interface MediaSurvey {
  /** Number of files that the messages name. */
  readonly fileCount: number;
  /** A sentence for each reason why files would be missing in films, with their number and the setting to check. */
  readonly findings: readonly string[];
  /**
   * The setting that would allow the files that the messages name, while `KEEPSAKE_MEDIA_BUCKETS` is not set; null where
   * there is nothing to set.
   */
  readonly suggestion: string | null;
}

interface NamedFile extends JudgedName {
  readonly capsuleId: string;
}

type Access = ReadonlyMap<string, BucketAccess | null>;

const newestMessages = 200;
const maxReasons = 8;
const maxBuckets = 8;
/** Enough for a table of many millions of messages without an index by time. */
const timeoutSeconds = 10;

/**
 * Checks the addresses in the newest messages by the rules for fetching. No file is fetched.
 * @throws KeepsakeError errors of the database
 */
export async function surveyMedia({ database, store, media, signal }: SurveyOptions): Promise<MediaSurvey> {
  const rows = await database.control.call<{ readonly capsule_id: string; readonly reference: string }[]>(
    "newest_media",
    { max_count: newestMessages },
    { signal, timeoutSeconds },
  );
  const files = rows.flatMap(({ capsule_id: capsuleId, reference: column }) =>
    splitReferences(column).map((reference): NamedFile => {
      const judged = judgeReference(reference, {
        objects: { reader: store.objects, places: media.places, capsuleId, filmsBucket: store.bucket },
        allowedHosts: media.hosts,
        ownOrigin: store.origin,
      });
      return { capsuleId, reference, judged };
    }),
  );
  const access = await findBuckets(files, media, store.objects, signal);
  const counts = new Map<string, number>();
  for (const reason of files.flatMap(({ judged }) => whyMissing(judged, access) ?? []))
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const reasons = [...counts].sort(([, one], [, other]) => other - one);
  return {
    fileCount: files.length,
    findings: [
      ...reasons
        .slice(0, maxReasons)
        .map(([reason, count]) => `${count} of the ${files.length} files in the newest messages ${reason}`),
      ...(reasons.length > maxReasons
        ? [`Files would be missing for ${reasons.length - maxReasons} more reasons.`]
        : []),
    ],
    suggestion: media.places === null ? suggestFor(files, access) : null,
  };
}

/** Untrusted text may look like the name of a bucket, so the line names only buckets that were looked up. */
function suggestFor(files: readonly NamedFile[], access: Access): string | null {
  const named = files.flatMap((file) => namedObjects([file], file.capsuleId));
  return suggestPlaces(
    named.filter(({ object }) => access.has(object.bucket)),
    access,
  );
}

/**
 * Looks up the buckets that decide whether files can be fetched, beginning with those that are named most often. While no
 * bucket is configured, these are all buckets that messages name. Otherwise a message may name a file in the one
 * configured bucket by a path with the name of another bucket as its first folder: if that bucket exists, the message most
 * likely refers to it.
 */
async function findBuckets(
  files: readonly NamedFile[],
  { places }: SurveyOptions["media"],
  objects: Pick<ObjectReader, "findBucket">,
  signal: AbortSignal,
): Promise<Access> {
  const counts = new Map<string, number>();
  const names = files.flatMap(({ capsuleId, reference, judged }) =>
    places === null
      ? namedObjects([{ reference, judged }], capsuleId).map(({ object }) => object.bucket)
      : judged.from === "storage" && judged.outside !== null
        ? [judged.outside.bucket]
        : [],
  );
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const find = createBucketLookup(objects);
  const access = new Map<string, BucketAccess | null>();
  const frequent = [...counts].sort(([, one], [, other]) => other - one).slice(0, maxBuckets);
  for (const [name] of frequent) access.set(name, await find(name, signal));
  return access;
}

/** Returns the end of a sentence about the reason why a file would be missing; null where it would be fetched. */
function whyMissing(judged: JudgedReference, access: Access): string | null {
  if (judged.from === "nowhere") return `would be missing in their films: ${judged.error.message}`;
  if (judged.from === "undecided") {
    const { bucket } = judged.objects[0];
    return access.get(bucket) === "private"
      ? `are in private ${nameBucket(bucket)}, without their capsule's id in the path, and KEEPSAKE_MEDIA_BUCKETS is not set: the jobs of their capsules wait until it is, unless a file's URL has a valid signature.`
      : null;
  }
  if (judged.from === "file" || judged.outside === null) return null;
  if (judged.from === "storage" && !isThere(access.get(judged.outside.bucket))) return null;
  const named = nameBucket(judged.outside.bucket);
  return judged.from === "web"
    ? `are in ${named}, which KEEPSAKE_MEDIA_BUCKETS does not name: they are fetched without the key, so private ones would be missing.`
    : `begin with the name of ${named}, which KEEPSAKE_MEDIA_BUCKETS does not name: they are looked up in a folder of that name, so they would be missing.`;
}

function isThere(access: BucketAccess | null | undefined): boolean {
  return access === "public" || access === "private";
}
