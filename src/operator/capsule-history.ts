import type { Database } from "../database/database.js";
import { toId, toTime } from "../database/json-values.js";
import { toAttempt, type AttemptJson, type AttemptRow } from "./list-attempts.js";
import { toFilm, type FilmJson, type FilmRow } from "./list-films.js";

/** All records about one capsule. */
export interface CapsuleHistory {
  /** Null where there is no row of the capsule. */
  readonly capsule: { readonly status: string | null; readonly finalVideoUrl: string | null } | null;
  readonly film: FilmRow | null;
  /** Ordered oldest first, like the lists below. */
  readonly attempts: readonly AttemptRow[];
  readonly jobs: readonly WaitingJob[];
  readonly deadLetters: readonly {
    readonly msgId: bigint;
    readonly code: string | null;
    readonly diedAt: Date;
  }[];
  readonly operations: readonly Operation[];
}

export interface WaitingJob {
  readonly msgId: bigint;
  readonly enqueuedAt: Date;
  /** Seconds until the job is visible; negative when it has been visible for that long. */
  readonly visibleInSeconds: number;
  readonly running: boolean;
}

/** An action of an operator or of a sweep. */
export interface Operation {
  readonly action: string;
  readonly doneAt: Date;
  readonly doneBy: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

interface HistoryJson {
  readonly capsule: { readonly status: string | null; readonly final_video_url: string | null } | null;
  readonly film: FilmJson | null;
  readonly attempts: readonly AttemptJson[];
  readonly jobs: readonly {
    readonly msg_id: number;
    readonly enqueued_at: string;
    readonly visible_in_seconds: number;
    readonly running: boolean;
  }[];
  readonly dead_letters: readonly {
    readonly dead_letter_id: number;
    readonly error_code: string | null;
    readonly died_at: string;
  }[];
  readonly operations: readonly OperationJson[];
}

export interface OperationJson {
  readonly action: string;
  readonly done_at: string;
  readonly done_by: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export function toOperation(row: OperationJson): Operation {
  return { action: row.action, doneAt: toTime(row.done_at), doneBy: row.done_by, detail: row.detail };
}

export async function readCapsuleHistory(
  database: Database,
  capsuleId: string,
  signal: AbortSignal,
): Promise<CapsuleHistory> {
  const values = { capsule_id: capsuleId };
  const json = await database.control.call<HistoryJson>("capsule_history", values, { signal });
  return {
    capsule:
      json.capsule === null
        ? null
        : { status: json.capsule.status, finalVideoUrl: json.capsule.final_video_url },
    film: json.film === null ? null : toFilm(json.film),
    attempts: json.attempts.map(toAttempt),
    jobs: json.jobs.map((job) => ({
      msgId: toId(job.msg_id),
      enqueuedAt: toTime(job.enqueued_at),
      visibleInSeconds: job.visible_in_seconds,
      running: job.running,
    })),
    deadLetters: json.dead_letters.map((row) => ({
      msgId: toId(row.dead_letter_id),
      code: row.error_code,
      diedAt: toTime(row.died_at),
    })),
    operations: json.operations.map(toOperation),
  };
}
