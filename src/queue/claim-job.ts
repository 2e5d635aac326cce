import type { Fence } from "./fence.js";
import type { Database } from "./open-database.js";

export interface ClaimedJob extends Fence {
  readonly message: unknown;
  readonly attemptNumber: number;
  readonly isLast: boolean;
  /** On this process's monotonic clock, in milliseconds, before the lease began. */
  readonly claimedAt: number;
}

/**
 * Takes the oldest visible job, or null when there is none or the queue is paused. The wait has no signal on
 * purpose: a claim that was given up half-way would leave a job leased to nobody.
 */
export async function claimJob(
  database: Database,
  worker: string,
  leaseSeconds: number,
): Promise<ClaimedJob | null> {
  const claimedAt = performance.now();
  const [row] = await database.control.query(
    (sql) => sql<
      { msgId: bigint; readCount: number; message: unknown; attemptNumber: number; isLast: boolean }[]
    >`
      select
        msg_id as "msgId",
        read_ct as "readCount",
        message,
        attempt_number as "attemptNumber",
        is_last as "isLast"
      from keepsake.claim(${worker}::text, ${leaseSeconds}::integer)`,
  );
  return row === undefined ? null : { ...row, claimedAt };
}
