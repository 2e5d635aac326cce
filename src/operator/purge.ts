import type { Database } from "../database/database.js";

export interface Purgeable {
  readonly waiting: number;
  readonly running: number;
  /** Id of the newest of them. A purge does not affect later jobs. */
  readonly lastMsgId: number;
}

const maxJobsPerCall = 200;

/** Counts the jobs that a purge would cancel. */
export async function countPurgeable(database: Database, signal: AbortSignal): Promise<Purgeable> {
  const row = await database.control.call<{
    readonly waiting: number;
    readonly running: number;
    readonly last_msg_id: number;
  }>("count_purgeable", {}, { signal });
  return { waiting: row.waiting, running: row.running, lastMsgId: row.last_msg_id };
}

export interface Purged {
  readonly archived: number;
  readonly stopping: number;
}

/** Cancels the counted jobs: those that wait, and with `withRunning` also those that an attempt works on. */
export async function purgeQueue(
  database: Database,
  { lastMsgId }: Purgeable,
  { withRunning, doneBy = null }: { readonly withRunning: boolean; readonly doneBy?: string | null },
  signal: AbortSignal,
): Promise<Purged> {
  const purged = { archived: 0, stopping: 0 };
  let after: number | null = 0;
  while (after !== null) {
    const batch: { archived: number; stopping: number; reached: number | null } = await database.control.call(
      "purge",
      {
        after_msg_id: after,
        last_msg_id: lastMsgId,
        with_running: withRunning,
        max_count: maxJobsPerCall,
        done_by: doneBy,
      },
      { signal },
    );
    purged.archived += batch.archived;
    purged.stopping += batch.stopping;
    after = batch.reached;
  }
  return purged;
}
