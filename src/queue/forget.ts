import type { Database } from "../database/database.js";

/** The state of a capsule that is to be forgotten. */
export interface Forgetting {
  /** Waiting jobs that this call archived. */
  readonly archived: number;
  /** Running attempts that will stop with their next heartbeat. */
  readonly stopping: number;
  /** Null where there is no such capsule. */
  readonly capsuleStatus: string | null;
  /** The URL under which the film was published; null where none was. */
  readonly filmUrl: string | null;
}

/**
 * Ends the jobs of a capsule, and prevents new films of it until `finishForgetting` is called, for at most ten minutes.
 * The caller repeats this until `stopping` is 0.
 */
export async function beginForgetting(
  database: Database,
  capsuleId: string,
  signal: AbortSignal,
): Promise<Forgetting> {
  const row = await database.control.call<{
    readonly archived: number;
    readonly stopping: number;
    readonly capsule_status: string | null;
    readonly film_url: string | null;
  }>("begin_forgetting", { capsule_id: capsuleId }, { signal });
  return {
    archived: row.archived,
    stopping: row.stopping,
    capsuleStatus: row.capsule_status,
    filmUrl: row.film_url,
  };
}

/** The number of deleted records of a capsule, by kind. */
export interface ForgottenRecords {
  readonly films: number;
  readonly attempts: number;
  readonly jobs: number;
  readonly deadLetters: number;
  readonly operations: number;
  /** Result for `final_video_url`. Null where it was empty or there is no capsule; `other`: it points at another film. */
  readonly address: "cleared" | "other" | "rejected" | null;
  /** The message of the database if the table `capsules` rejected the change. */
  readonly rejection: string | null;
}

/**
 * Deletes the records of a capsule whose objects were removed from the store.
 * @param objects the number of removed objects, for the log of operations
 * @param doneBy the operator, for the log of operations
 * @returns null where a film of the capsule is being made again, and nothing was deleted
 */
export async function finishForgetting(
  database: Database,
  capsuleId: string,
  { objects, doneBy }: { readonly objects: number; readonly doneBy: string | null },
  signal: AbortSignal,
): Promise<ForgottenRecords | null> {
  const row = await database.control.call<{
    readonly stopping: number;
    readonly films: number;
    readonly attempts: number;
    readonly jobs: number;
    readonly dead_letters: number;
    readonly operations: number;
    readonly address: ForgottenRecords["address"];
    readonly rejection: string | null;
  }>("finish_forgetting", { capsule_id: capsuleId, objects, done_by: doneBy }, { signal });
  if (row.stopping > 0) return null;
  const { films, attempts, jobs, operations, address, rejection } = row;
  return { films, attempts, jobs, deadLetters: row.dead_letters, operations, address, rejection };
}

/** Lists capsules that were deleted `keepDays` ago, and reserves each of them for this caller for ten minutes. */
export async function claimRemovals(
  database: Database,
  keepDays: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return await database.control.call<string[]>("claim_removals", { keep_days: keepDays }, { signal });
}

/** @returns false where the capsule exists again, or its reservation is over */
export async function finishRemoval(
  database: Database,
  capsuleId: string,
  { objects, workerName }: { readonly objects: number; readonly workerName: string },
  signal: AbortSignal,
): Promise<boolean> {
  const values = { capsule_id: capsuleId, objects, worker: workerName };
  return await database.control.call<boolean>("finish_removal", values, { signal });
}

export interface ForgottenCapsule {
  /** Id of the operation that forgot the capsule. Ids grow with time. */
  readonly operationId: number;
  readonly capsuleId: string;
}

/** Lists the capsules that were forgotten after an operation, oldest first, at most a thousand. */
export async function listForgotten(
  database: Database,
  afterOperationId: number,
  signal: AbortSignal,
): Promise<readonly ForgottenCapsule[]> {
  const rows = await database.control.call<{ readonly operation_id: number; readonly capsule_id: string }[]>(
    "forgotten_since",
    { after_operation_id: afterOperationId },
    { signal },
  );
  return rows.map((row) => ({ operationId: row.operation_id, capsuleId: row.capsule_id }));
}
