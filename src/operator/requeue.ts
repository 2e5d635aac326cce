import type { Database } from "../database/database.js";
import { toId, toTime } from "../database/json-values.js";

/** A closed capsule without a job, a dead letter or a cancelled film: its film would never be made. */
export interface StuckCapsule {
  readonly capsuleId: string;
  /** When a sweep first found it; null when none has. */
  readonly seenAt: Date | null;
}

/** @param capsuleId only this capsule, if it is stuck; null: all, up to the limit */
export async function listStuckCapsules(
  database: Database,
  { capsuleId = null, limit = 1000 }: { readonly capsuleId?: string | null; readonly limit?: number },
  signal: AbortSignal,
): Promise<readonly StuckCapsule[]> {
  const rows = await database.control.call<{ capsule_id: string; seen_at: string | null }[]>(
    "stuck_capsules",
    { max_count: limit, only_capsule_id: capsuleId },
    { signal },
  );
  return rows.map((row) => ({
    capsuleId: row.capsule_id,
    seenAt: row.seen_at === null ? null : toTime(row.seen_at),
  }));
}

export interface Requeued {
  readonly capsuleId: string;
  readonly msgId: bigint;
}

const maxCapsulesPerCall = 200;

/** Enqueues all stuck capsules, or only the given one if it is stuck. */
export async function requeueStuckCapsules(
  database: Database,
  signal: AbortSignal,
  {
    capsuleId = null,
    doneBy = null,
  }: { readonly capsuleId?: string | null; readonly doneBy?: string | null } = {},
): Promise<readonly Requeued[]> {
  const requeued: Requeued[] = [];
  for (;;) {
    const rows = await database.control.call<RequeuedRow[]>(
      "requeue_stuck",
      { only_capsule_id: capsuleId, max_count: maxCapsulesPerCall, done_by: doneBy },
      { signal },
    );
    requeued.push(...rows.map(toRequeued));
    if (rows.length === 0 || capsuleId !== null) return requeued;
  }
}

export interface RequeuedRow {
  readonly capsule_id: string;
  readonly msg_id: number;
}

export function toRequeued(row: RequeuedRow): Requeued {
  return { capsuleId: row.capsule_id, msgId: toId(row.msg_id) };
}
