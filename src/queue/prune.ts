import type { Database } from "../database/database.js";

/** The number of deleted records of each kind. */
export interface Pruned {
  readonly attempts: number;
  readonly operations: number;
  readonly archivedJobs: number;
  readonly archivedDeadLetters: number;
  /** One sentence about the records that the role that migrated may not delete; null where it may delete all. */
  readonly denied: string | null;
}

/**
 * Deletes records that are older than `keepDays`, except those that a job or a dead letter still needs: at most a thousand
 * rows of each kind in one call.
 */
export async function pruneRecords(
  database: Database,
  keepDays: number,
  signal: AbortSignal,
): Promise<Pruned> {
  const row = await database.control.call<{
    readonly attempts: number;
    readonly operations: number;
    readonly archived_jobs: number;
    readonly archived_dead_letters: number;
    readonly denied: string | null;
  }>("prune", { keep_days: keepDays }, { signal });
  return {
    attempts: row.attempts,
    operations: row.operations,
    archivedJobs: row.archived_jobs,
    archivedDeadLetters: row.archived_dead_letters,
    denied: row.denied,
  };
}
