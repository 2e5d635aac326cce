import { randomUUID } from "node:crypto";

import type { Database } from "../database/database.js";
import type { Fence } from "./attempt.js";
import { toId } from "../database/json-values.js";

export interface ClaimedJob extends Fence {
  /** Only the database and the worker that made this claim have this id, so it proves which worker the attempt belongs to. */
  readonly claimId: string;
  readonly message: unknown;
  readonly attemptNumber: number;
  readonly isLast: boolean;
  /** Monotonic milliseconds of this process when the claim was sent, which is before the lease began. */
  readonly claimedAt: number;
}

interface ClaimRow {
  readonly msg_id: number;
  readonly read_ct: number;
  readonly message: unknown;
  readonly attempt_number: number;
  readonly is_last: boolean;
}

/**
 * Claims the visible job that is next in order (docs/queue.md).
 *
 * @param claimId id of this claim only. A call whose reply was lost is repeated with the same id: it returns the delivery
 *   that the first call made, with a renewed lease, or null once that delivery is over, even if other jobs wait in the
 *   queue. The database then records that this worker was running and received no reply.
 * @returns null when no job is visible or the queue is paused
 */
export async function claimJob(
  database: Database,
  worker: string,
  leaseSeconds: number,
  claimId: string = randomUUID(),
  signal?: AbortSignal,
): Promise<ClaimedJob | null> {
  const claimedAt = performance.now();
  const [row] = await database.control.call<ClaimRow[]>(
    "claim",
    { worker, lease_seconds: leaseSeconds, claim_id: claimId },
    { timeoutSeconds: 15, ...(signal && { signal }) },
  );
  if (row === undefined) return null;
  return {
    claimId,
    msgId: toId(row.msg_id),
    readCount: row.read_ct,
    message: row.message,
    attemptNumber: row.attempt_number,
    isLast: row.is_last,
    claimedAt,
  };
}
