import { KeepsakeError } from "../errors.js";
import type { Database } from "./database.js";
import { toId, toTime } from "./json-values.js";

export interface DeadLetter {
  /** In the queue of the dead letters; not that of the job it was. */
  readonly msgId: bigint;
  readonly diedAt: Date;
  readonly capsuleId: string | null;
  /** Which limit ended the job, or `rejected`: it could never have worked. */
  readonly cause: "rejected" | "failures" | "crashes" | "deliveries";
  readonly code: string | null;
  /** A sentence. */
  readonly reason: string | null;
  /** The payload as it was. */
  readonly original: unknown;
  readonly attempts: readonly unknown[];
  /** The dead letters this job came from by retries, oldest first. */
  readonly lineage: readonly unknown[];
}

interface DeadLetterRow {
  readonly dead_letter_id: number;
  readonly died_at: string;
  readonly capsule_id: string | null;
  readonly reason: DeadLetter["cause"];
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly original: unknown;
  readonly attempts: readonly unknown[];
  readonly lineage: readonly unknown[];
}

/** Oldest first. */
export async function listDeadLetters(
  database: Database,
  { code = null, limit = 100 }: { readonly code?: string | null; readonly limit?: number },
  signal: AbortSignal,
): Promise<readonly DeadLetter[]> {
  const values = { code, max_count: limit };
  const rows = await database.control.call<DeadLetterRow[]>("dead_letters", values, { signal });
  return rows.map((row) => ({
    msgId: toId(row.dead_letter_id),
    diedAt: toTime(row.died_at),
    capsuleId: row.capsule_id,
    cause: row.reason,
    code: row.error_code,
    reason: row.error_message,
    original: row.original,
    attempts: row.attempts,
    lineage: row.lineage,
  }));
}

/**
 * Sends a dead letter's job again, with another payload if one is given. Returns the new job's id.
 * @throws KeepsakeError `dead-letter-not-found`
 */
export async function retryDeadLetter(
  database: Database,
  msgId: bigint,
  { payload }: { readonly payload?: object },
  signal: AbortSignal,
): Promise<bigint> {
  const newMsgId = await database.control.call<number | null>(
    "retry_dead_letter",
    { dead_letter_id: msgId, payload: payload ?? null },
    { signal },
  );
  return newMsgId === null ? refuseUnknown(msgId) : toId(newMsgId);
}

/** Sends all dead letters again, or those with one error code. Returns how many. */
export async function retryDeadLetters(
  database: Database,
  { code = null }: { readonly code?: string | null },
  signal: AbortSignal,
): Promise<number> {
  return await database.control.call<number>("retry_dead_letters", { code }, { signal });
}

/**
 * Takes a dead letter off its queue; PGMQ's archive keeps it.
 * @throws KeepsakeError `dead-letter-not-found`
 */
export async function discardDeadLetter(
  database: Database,
  msgId: bigint,
  signal: AbortSignal,
): Promise<void> {
  const discarded = await database.control.call<boolean>(
    "discard_dead_letter",
    { dead_letter_id: msgId },
    { signal },
  );
  if (!discarded) refuseUnknown(msgId);
}

function refuseUnknown(msgId: bigint): never {
  throw new KeepsakeError(
    "dead-letter-not-found",
    `There is no dead letter ${msgId}: \`keepsake failed\` lists those there are.`,
  );
}
