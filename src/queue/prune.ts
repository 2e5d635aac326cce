import type { Database } from "../database/database.js";

/** How many of each were deleted. */
export interface Pruned {
  readonly attempts: number;
  readonly operations: number;
  readonly archivedJobs: number;
  readonly archivedDeadLetters: number;
  /** What the role that migrated may not delete, in a sentence. */
  readonly denied: string | null;
}

/**
 * Deletes what ended more than `keepDays` ago and no job and no dead letter needs any more, at most a thousand rows of
 * each kind in one call.
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
