import type { Outcome } from "./attempt.js";
import type { Database } from "./open-database.js";

export interface QueueStatus {
  readonly queueName: string;
  readonly pendingCount: number;
  readonly status: "paused" | "working" | "no worker" | "waiting" | "delayed" | "idle";
  readonly visibleCount: number;
  readonly inFlightCount: number;
  readonly delayedCount: number;
  readonly deadLetterCount: number;
  /** How long the job that has been claimable longest has been so; null when none is. */
  readonly oldestWaitingSeconds: number | null;
  readonly paused: boolean;
  readonly pausedReason: string | null;
  /** Workers heard of within the last minute. */
  readonly workersSeen: number;
}

export async function queueStatus(database: Database, signal: AbortSignal): Promise<QueueStatus> {
  const [row] = await database.control.query(
    (sql) => sql<QueueStatus[]>`
      select
        queue_name as "queueName",
        pending_count::integer as "pendingCount",
        status,
        visible_count::integer as "visibleCount",
        in_flight_count::integer as "inFlightCount",
        delayed_count::integer as "delayedCount",
        dead_letter_count::integer as "deadLetterCount",
        oldest_waiting_seconds as "oldestWaitingSeconds",
        paused,
        paused_reason as "pausedReason",
        workers_seen::integer as "workersSeen"
      from public.get_video_queue_status()`,
    { signal },
  );
  if (row === undefined) throw new TypeError("get_video_queue_status() answered nothing");
  return row;
}

export interface FilmRow {
  readonly capsuleId: string;
  readonly state: "rendering" | "waiting" | "published" | "cancelled" | "dead";
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

/** Newest first. */
export async function listFilms(
  database: Database,
  { limit = 100, state = null }: { readonly limit?: number; readonly state?: FilmRow["state"] | null },
  signal: AbortSignal,
): Promise<readonly FilmRow[]> {
  return await database.control.query(
    (sql) => sql<FilmRow[]>`
      select
        capsule_id as "capsuleId", state, fingerprint, url, poster_url as "posterUrl",
        size_bytes::double precision as "sizeBytes", duration_seconds as "durationSeconds",
        message_count as "messageCount", warnings, published_at as "publishedAt", updated_at as "updatedAt"
      from keepsake.list_films(${state}::text, ${limit}::integer)`,
    { signal },
  );
}

export interface AttemptRow {
  readonly msgId: bigint;
  readonly readCount: number;
  readonly worker: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** Null while the attempt is open. */
  readonly outcome: Outcome | null;
  readonly jobState: "archived" | "waiting" | "dead" | null;
  readonly stage: string | null;
  readonly done: number | null;
  readonly total: number | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly warnings: readonly unknown[];
  readonly timings: Readonly<Record<string, number>>;
}

/** All attempts at one capsule, oldest first. */
export async function listAttempts(
  database: Database,
  capsuleId: string,
  signal: AbortSignal,
): Promise<readonly AttemptRow[]> {
  return await database.control.query(
    (sql) => sql<AttemptRow[]>`
      select
        msg_id as "msgId", read_ct as "readCount", worker, started_at as "startedAt", ended_at as "endedAt",
        outcome, job_state as "jobState", stage, done::double precision, total::double precision,
        error_code as "code", error_message as "message", warnings, timings
      from keepsake.list_attempts(${capsuleId}::uuid)`,
    { signal },
  );
}
