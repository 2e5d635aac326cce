import type { Database } from "../database/database.js";
import { toId, toTime } from "../database/json-values.js";

/** A capsule that is closed and has no film to come: no job, no dead letter, and nobody gave it up. */
export interface StuckCapsule {
  readonly capsuleId: string;
  /** When a worker's sweep first found it so; null when none did yet. */
  readonly seenAt: Date | null;
}

/** @param capsuleId only this one, if it is stuck; null: all, as far as the limit goes */
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

const capsulesAtOnce = 200;

/** Enqueues the stuck capsules, or the one asked for if it is stuck. */
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
      { only_capsule_id: capsuleId, max_count: capsulesAtOnce, done_by: doneBy },
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
