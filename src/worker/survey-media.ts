/** Looks at what the newest messages name, before the first family misses a picture. */
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
  /** Files that the messages name. */
  readonly fileCount: number;
  /** For each reason why files would be missing in their films: how many, and which setting to look at. */
  readonly findings: readonly string[];
  /**
   * While `KEEPSAKE_MEDIA_BUCKETS` is not set: the line that lets messages name what they name already; null where there
   * is nothing to set.
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
/** Of a table of many millions of messages without an index by time. */
const timeoutSeconds = 10;

/**
 * Judges the addresses in the newest messages by the rules by which a film fetches them; nothing is fetched.
 * @throws KeepsakeError of the database
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
        ? [`Files are missing for ${reasons.length - maxReasons} other reasons, too.`]
        : []),
    ],
    suggestion: media.places === null ? suggestFor(files, access) : null,
  };
}

/** What strangers wrote may only read like a bucket: of the names that are not looked at, none is put into the line. */
function suggestFor(files: readonly NamedFile[], access: Access): string | null {
  const named = files.flatMap((file) => namedObjects([file], file.capsuleId));
  return suggestPlaces(
    named.filter(({ object }) => access.has(object.bucket)),
    access,
  );
}

/**
 * The buckets that decide what becomes of files, those first that most files name: while nothing is decided all, else
 * those whose name a path in the one bucket that is configured begins with: it most likely is meant where there is one
 * of that name.
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
  const mostNamed = [...counts].sort(([, one], [, other]) => other - one).slice(0, maxBuckets);
  for (const [name] of mostNamed) access.set(name, await find(name, signal));
  return access;
}

/** The end of a sentence about some files; null where this one is fetched. */
function whyMissing(judged: JudgedReference, access: Access): string | null {
  if (judged.from === "nowhere") return `would be missing in their films: ${judged.error.message}`;
  if (judged.from === "undecided") {
    const { bucket } = judged.objects[0];
    return access.get(bucket) === "private"
      ? `are in private ${nameBucket(bucket)}, without their capsule's id in the path, and KEEPSAKE_MEDIA_BUCKETS is not set: but for those with a good signature, the jobs of their capsules wait until it is.`
      : null;
  }
  if (judged.from === "file" || judged.outside === null) return null;
  if (judged.from === "storage" && !isThere(access.get(judged.outside.bucket))) return null;
  const named = nameBucket(judged.outside.bucket);
  return judged.from === "web"
    ? `are in ${named}, which KEEPSAKE_MEDIA_BUCKETS does not name: they are fetched without the key, and are missing where nobody may without it.`
    : `begin with the name of ${named}, which KEEPSAKE_MEDIA_BUCKETS does not name: they are looked for in a folder of that name, and would be missing.`;
}

function isThere(access: BucketAccess | null | undefined): boolean {
  return access === "public" || access === "private";
}
