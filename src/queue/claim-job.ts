import { randomUUID } from "node:crypto";

import type { Database } from "../database/database.js";
import type { Fence } from "./fence.js";
import { toId } from "../database/json-values.js";

export interface ClaimedJob extends Fence {
  /** Known to the worker that made this claim and to the database alone: proves whose attempt it is. */
  readonly claimId: string;
  readonly message: unknown;
  readonly attemptNumber: number;
  readonly isLast: boolean;
  /** On this process's monotonic clock, in milliseconds, before the lease began: when the call was made that was answered. */
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
 * Takes the visible job whose turn it is (docs/queue.md), or null when there is none or the queue is paused.
 *
 * @param claimId of this claim alone. When no answer came, asking again with it gives the delivery that the first
 *   call made, with its lease renewed; or null once that is over, whatever else waits in the queue. That this worker
 *   lived, and only heard nothing, is recorded then.
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
