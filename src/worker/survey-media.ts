/** Looks at what the newest messages name, before the first family misses a picture. */
import { judgeReferences, type JudgedReference } from "../assets/judge-references.js";
import type { MediaConfig } from "../settings/config.js";
import type { Database } from "../database/database.js";
import { nameBucket } from "../name-bucket.js";
import type { ObjectReader } from "../object-reader.js";
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
}

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
  const judged = rows.flatMap(({ capsule_id: capsuleId, reference }) =>
    judgeReferences(reference, {
      objects: { reader: store.objects, places: media.places, capsuleId, filmsBucket: store.bucket },
      allowedHosts: media.hosts,
      ownOrigin: store.origin,
    }),
  );
  const isBucket = await findBuckets(judged, store.objects, signal);
  const counts = new Map<string, number>();
  for (const reason of judged.flatMap((one) => whyMissing(one, isBucket) ?? []))
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const reasons = [...counts].sort(([, one], [, other]) => other - one);
  return {
    fileCount: judged.length,
    findings: [
      ...reasons
        .slice(0, maxReasons)
        .map(([reason, count]) => `${count} of the ${judged.length} files in the newest messages ${reason}`),
      ...(reasons.length > maxReasons
        ? [`Files are missing for ${reasons.length - maxReasons} other reasons, too.`]
        : []),
    ],
  };
}

/**
 * A path in the one bucket that is configured may as well begin with the name of another bucket: it most likely does
 * where there is one of that name.
 */
async function findBuckets(
  judged: readonly JudgedReference[],
  objects: Pick<ObjectReader, "hasBucket">,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const names = judged.flatMap((one) =>
    one.from === "storage" && one.outside !== null ? [one.outside.bucket] : [],
  );
  const found = new Set<string>();
  for (const name of [...new Set(names)].slice(0, maxBuckets)) {
    if ((await objects.hasBucket(name, signal)) === true) found.add(name);
  }
  return found;
}

/** The end of a sentence about some files; null where this one is fetched. */
function whyMissing(judged: JudgedReference, isBucket: ReadonlySet<string>): string | null {
  if (judged.from === "nowhere") return `would be missing in their films: ${judged.error.message}`;
  if (judged.from === "file" || judged.outside === null) return null;
  if (judged.from === "storage" && !isBucket.has(judged.outside.bucket)) return null;
  const named = nameBucket(judged.outside.bucket);
  return judged.from === "web"
    ? `are in ${named}, which KEEPSAKE_MEDIA_BUCKETS does not name: they are fetched without the key, and are missing where nobody may without it.`
    : `begin with the name of ${named}, which KEEPSAKE_MEDIA_BUCKETS does not name: they are looked for in a folder of that name, and would be missing.`;
}
