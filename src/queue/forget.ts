import type { Database } from "../database/database.js";

/** What there is of a capsule when it is to be forgotten. */
export interface Forgetting {
  /** Waiting jobs that were archived now. */
  readonly archived: number;
  /** Films that are being made and were told to stop, with the next heartbeat of their worker. */
  readonly stopping: number;
  /** Null: there is no such capsule. */
  readonly capsuleStatus: string | null;
  /** Where the film is, as it was published; null where none was. */
  readonly filmUrl: string | null;
}

/**
 * Ends the jobs of a capsule, and keeps every worker from filming it until `finishForgetting`, or for ten minutes.
 * To be called again until nothing is stopping any more.
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

/** How many records of a capsule were deleted. */
export interface ForgottenRecords {
  readonly films: number;
  readonly attempts: number;
  readonly jobs: number;
  readonly deadLetters: number;
  readonly operations: number;
  /** What became of `final_video_url`: null where it was empty, or there is no capsule. */
  readonly address: "cleared" | "other" | "rejected" | null;
  /** Why the app's table keeps the address, in the database's words. */
  readonly rejection: string | null;
}

/**
 * Deletes the records of a capsule whose objects were removed from the store.
 * @param objects how many those were, for the log of operations
 * @param doneBy the operator, for the same
 * @returns null where a film of it is being made by now, and nothing was deleted
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

/** Capsules whose row has been gone for `keepDays`; each is this caller's alone for ten minutes. */
export async function claimRemovals(
  database: Database,
  keepDays: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return await database.control.call<string[]>("claim_removals", { keep_days: keepDays }, { signal });
}

/** @returns false where the capsule is there again, or somebody else's to remove by now */
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
  /** Of the operation by which it was forgotten; they rise. */
  readonly operationId: number;
  readonly capsuleId: string;
}

/** Capsules that were forgotten after an operation, oldest first, a thousand at most. */
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
