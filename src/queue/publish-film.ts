import type { Fence, FilmToPublish, PublishedFilm } from "./attempt.js";
import type { CallLimits, Database } from "../database/database.js";

/**
 * Points the capsule at its film and archives the job, in one transaction. Safe to call again after a lost reply.
 * @returns `cancelled`: an operator cancelled the job before; `not-closed`: the capsule was reopened or deleted while its
 *   film was made; `changed`: the film does not show the current content of the capsule. Only `published` wrote something
 */
export async function publishFilm(
  database: Database,
  { msgId, readCount }: Fence,
  film: FilmToPublish,
  limits?: CallLimits,
): Promise<"published" | "lost" | "cancelled" | "not-closed" | "changed"> {
  const values = {
    fingerprint: film.fingerprint,
    content_digest: film.contentDigest,
    source_state: film.sourceState ?? null,
    url: film.url,
    poster_url: film.posterUrl,
    sha256: film.sha256,
    size_bytes: film.sizeBytes,
    duration_seconds: film.durationSeconds,
    message_count: film.messageCount,
    warnings: film.warnings.map(({ messageId, field, code, reason }) => ({
      message_id: messageId,
      field,
      code,
      reason,
    })),
    timings: film.timings,
  };
  const call = { msg_id: msgId, read_ct: readCount, film: values };
  return await database.control.call("publish", call, limits);
}

/** Finds the film that was published last, if the capsule still points at it. */
export async function findPublishedFilm(
  database: Database,
  capsuleId: string,
  signal: AbortSignal,
): Promise<PublishedFilm | null> {
  const [row] = await database.control.call<PublishedRow[]>(
    "published_film",
    { capsule_id: capsuleId },
    { signal },
  );
  if (row === undefined) return null;
  const { fingerprint, url, size_bytes, duration_seconds, source_state } = row;
  return {
    fingerprint,
    url,
    sizeBytes: size_bytes,
    durationSeconds: duration_seconds,
    sourceState: source_state,
  };
}

interface PublishedRow {
  readonly fingerprint: string;
  readonly url: string;
  readonly size_bytes: number | null;
  readonly duration_seconds: number | null;
  readonly source_state: string | null;
}
