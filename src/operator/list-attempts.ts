import type { Outcome } from "../queue/attempt.js";
import type { Database } from "../database/database.js";
import { toId, toTime } from "../database/json-values.js";

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

export interface AttemptJson {
  readonly msg_id: number;
  readonly read_ct: number;
  readonly worker: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly outcome: AttemptRow["outcome"];
  readonly job_state: AttemptRow["jobState"];
  readonly stage: string | null;
  readonly done: number | null;
  readonly total: number | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly warnings: readonly unknown[];
  readonly timings: Readonly<Record<string, number>>;
}

/** Lists all attempts at one capsule, oldest first. */
export async function listAttempts(
  database: Database,
  capsuleId: string,
  signal: AbortSignal,
): Promise<readonly AttemptRow[]> {
  const rows = await database.control.call<AttemptJson[]>(
    "list_attempts",
    { capsule_id: capsuleId },
    { signal },
  );
  return rows.map(toAttempt);
}

export function toAttempt(row: AttemptJson): AttemptRow {
  return {
    msgId: toId(row.msg_id),
    readCount: row.read_ct,
    worker: row.worker,
    startedAt: toTime(row.started_at),
    endedAt: row.ended_at === null ? null : toTime(row.ended_at),
    outcome: row.outcome,
    jobState: row.job_state,
    stage: row.stage,
    done: row.done,
    total: row.total,
    code: row.error_code,
    message: row.error_message,
    warnings: row.warnings,
    timings: row.timings,
  };
}
