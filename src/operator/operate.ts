import type { Database } from "../database/database.js";
import { toTime } from "../database/json-values.js";

export interface Paused {
  readonly wasPaused: boolean;
  readonly pausedAt: Date;
  readonly reason: string | null;
}

/**
 * Pauses the queue: nothing is claimed, and films that are being made continue. If the queue is paused already, the start
 * of the pause does not change.
 * @param doneBy name of the operator, for `keepsake.operations`, as in the functions below
 */
export async function pauseQueue(
  database: Database,
  reason: string | null,
  signal: AbortSignal,
  doneBy: string | null = null,
): Promise<Paused> {
  const row = await database.control.call<{
    readonly was_paused: boolean;
    readonly paused_at: string;
    readonly paused_reason: string | null;
  }>("pause", { reason, done_by: doneBy }, { signal });
  return { wasPaused: row.was_paused, pausedAt: toTime(row.paused_at), reason: row.paused_reason };
}

/** Resumes the queue. Returns the start of the pause, or null if the queue was not paused. */
export async function resumeQueue(
  database: Database,
  signal: AbortSignal,
  doneBy: string | null = null,
): Promise<Date | null> {
  const since = await database.control.call<string | null>("resume", { done_by: doneBy }, { signal });
  return since === null ? null : toTime(since);
}

export interface Cancelled {
  readonly archived: number;
  readonly stopping: number;
  /** Null where there is no such capsule. */
  readonly capsuleStatus: string | null;
}

/**
 * Archives the jobs of a capsule that no attempt works on, and marks a running attempt to stop with its next heartbeat.
 */
export async function cancelCapsule(
  database: Database,
  capsuleId: string,
  signal: AbortSignal,
  doneBy: string | null = null,
): Promise<Cancelled> {
  const row = await database.control.call<{
    readonly archived: number;
    readonly stopping: number;
    readonly capsule_status: string | null;
  }>("cancel", { capsule_id: capsuleId, done_by: doneBy }, { signal });
  return { archived: row.archived, stopping: row.stopping, capsuleStatus: row.capsule_status };
}
