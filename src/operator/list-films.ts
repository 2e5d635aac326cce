import type { Database } from "../database/database.js";
import { toTime } from "../database/json-values.js";

export const filmStates = ["rendering", "waiting", "published", "cancelled", "dead"] as const;

export interface FilmRow {
  readonly capsuleId: string;
  readonly state: (typeof filmStates)[number];
  readonly fingerprint: string | null;
  readonly url: string | null;
  readonly posterUrl: string | null;
  readonly sizeBytes: number | null;
  readonly durationSeconds: number | null;
  readonly messageCount: number | null;
  readonly warnings: readonly unknown[];
  readonly publishedAt: Date | null;
  readonly updatedAt: Date;
}

export interface FilmJson {
  readonly capsule_id: string;
  readonly state: FilmRow["state"];
  readonly fingerprint: string | null;
  readonly url: string | null;
  readonly poster_url: string | null;
  readonly size_bytes: number | null;
  readonly duration_seconds: number | null;
  readonly message_count: number | null;
  readonly warnings: readonly unknown[];
  readonly published_at: string | null;
  readonly updated_at: string;
}

/** A film with whether its capsule exists. A job may name one that was deleted or never existed. */
export interface ListedFilm extends FilmRow {
  readonly capsuleExists: boolean;
}

export interface FilmFilter {
  readonly limit?: number;
  readonly state?: FilmRow["state"] | null;
  /** Only films that were published with something missing. */
  readonly isIncomplete?: boolean;
  /** Only films that lack something for this reason. */
  readonly warningCode?: string | null;
  /** Only films that follow the film of this capsule in the list. */
  readonly afterCapsuleId?: string | null;
}

/** Lists films, newest first. */
export async function listFilms(
  database: Database,
  { limit = 100, state = null, isIncomplete = false, warningCode = null, afterCapsuleId = null }: FilmFilter,
  signal: AbortSignal,
): Promise<readonly ListedFilm[]> {
  const rows = await database.control.call<(FilmJson & { readonly capsule_exists: boolean })[]>(
    "list_films",
    {
      state,
      max_count: limit,
      incomplete: isIncomplete,
      warning_code: warningCode,
      after_capsule_id: afterCapsuleId,
    },
    { signal },
  );
  return rows.map((row) => ({ ...toFilm(row), capsuleExists: row.capsule_exists }));
}

export function toFilm(row: FilmJson): FilmRow {
  return {
    capsuleId: row.capsule_id,
    state: row.state,
    fingerprint: row.fingerprint,
    url: row.url,
    posterUrl: row.poster_url,
    sizeBytes: row.size_bytes,
    durationSeconds: row.duration_seconds,
    messageCount: row.message_count,
    warnings: row.warnings,
    publishedAt: row.published_at === null ? null : toTime(row.published_at),
    updatedAt: toTime(row.updated_at),
  };
}
