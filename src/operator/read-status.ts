import type { Database } from "../database/database.js";
import { toId } from "../database/json-values.js";
import { toQueueStatus, type QueueStatus, type StatusRow } from "./queue-status.js";

/** The overview of an operator. Ages are in seconds, by the clock of the database. */
export interface Overview extends QueueStatus {
  readonly pausedBy: string | null;
  readonly pausedSeconds: number | null;
  /** Seconds since the last sweep; null: there was none. */
  readonly sweptSeconds: number | null;
  /** The number of capsules without a job that the last sweep found. */
  readonly stuckSeen: number;
  readonly running: readonly RunningFilm[];
  readonly workers: readonly WorkerSeen[];
  /** Attempts that failed, crashed or were rejected within a day. */
  readonly failures: readonly CodeCount[];
  /** The newest 2,000 by code. `deadLetterCount` covers all and is an estimate beyond 50,000. */
  readonly deadLetters: readonly CodeCount[];
  /** Jobs that wait because the operator must fix something. */
  readonly setupHolds: readonly SetupHold[];
  /** Films that were published within a day with something missing. A film with several reasons counts under each. */
  readonly incomplete: IncompleteCount;
}

export interface IncompleteCount {
  readonly count: number;
  readonly codes: readonly { readonly code: string; readonly count: number }[];
}

export interface SetupHold extends CodeCount {
  /** What to fix: the newest message of this code. */
  readonly message: string | null;
  /** Seconds until the first of these jobs is tried again. */
  readonly nextTrySeconds: number;
}

export interface RunningFilm {
  readonly capsuleId: string | null;
  readonly msgId: bigint;
  readonly worker: string;
  readonly attemptNumber: number;
  readonly stage: string | null;
  readonly done: number | null;
  readonly total: number | null;
  readonly unit: string | null;
  readonly elapsedSeconds: number;
  readonly heartbeatAgeSeconds: number;
  readonly cancelRequested: boolean;
}

export interface WorkerSeen {
  readonly name: string;
  readonly version: string | null;
  readonly slots: number | null;
  readonly upSeconds: number;
  readonly seenSeconds: number;
  /** Why the worker claims no jobs; null: it claims. */
  readonly notClaiming: string | null;
}

export interface CodeCount {
  readonly code: string | null;
  readonly count: number;
  readonly lastAgeSeconds: number;
}

interface StatusJson {
  readonly queue: StatusRow & {
    readonly paused_by: string | null;
    readonly paused_seconds: number | null;
    readonly swept_seconds: number | null;
    readonly stuck_seen: number;
  };
  readonly running: readonly {
    readonly capsule_id: string | null;
    readonly msg_id: number;
    readonly worker: string;
    readonly attempt_number: number;
    readonly stage: string | null;
    readonly done: number | null;
    readonly total: number | null;
    readonly unit: string | null;
    readonly elapsed_seconds: number;
    readonly heartbeat_age_seconds: number;
    readonly cancel_requested: boolean;
  }[];
  readonly workers: readonly {
    readonly name: string;
    readonly version: string | null;
    readonly slots: number | null;
    readonly up_seconds: number;
    readonly seen_seconds: number;
    readonly not_claiming: string | null;
  }[];
  readonly failures: readonly CountJson[];
  readonly dead_letters: readonly CountJson[];
  readonly incomplete: IncompleteCount;
  readonly setup_holds: readonly (CountJson & {
    readonly message: string | null;
    readonly next_try_seconds: number;
  })[];
}

interface CountJson {
  readonly code: string | null;
  readonly count: number;
  readonly last_age_seconds: number;
}

export async function readStatus(database: Database, signal: AbortSignal): Promise<Overview> {
  const json = await database.control.call<StatusJson>("status", {}, { signal });
  const { queue } = json;
  return {
    ...toQueueStatus(queue),
    pausedBy: queue.paused_by,
    pausedSeconds: queue.paused_seconds,
    sweptSeconds: queue.swept_seconds,
    stuckSeen: queue.stuck_seen,
    running: json.running.map((row) => ({
      capsuleId: row.capsule_id,
      msgId: toId(row.msg_id),
      worker: row.worker,
      attemptNumber: row.attempt_number,
      stage: row.stage,
      done: row.done,
      total: row.total,
      unit: row.unit,
      elapsedSeconds: row.elapsed_seconds,
      heartbeatAgeSeconds: row.heartbeat_age_seconds,
      cancelRequested: row.cancel_requested,
    })),
    workers: json.workers.map((row) => ({
      name: row.name,
      version: row.version,
      slots: row.slots,
      upSeconds: row.up_seconds,
      seenSeconds: row.seen_seconds,
      notClaiming: row.not_claiming,
    })),
    failures: json.failures.map(toCount),
    deadLetters: json.dead_letters.map(toCount),
    incomplete: json.incomplete,
    setupHolds: json.setup_holds.map((hold) => ({
      ...toCount(hold),
      message: hold.message,
      nextTrySeconds: hold.next_try_seconds,
    })),
  };
}

function toCount(row: CountJson): CodeCount {
  return { code: row.code, count: row.count, lastAgeSeconds: row.last_age_seconds };
}
