import { KeepsakeError } from "../errors.js";
import type { Database } from "../database/database.js";
import { toId, toTime } from "../database/json-values.js";

/** The limit that ended a job, or `rejected`: the job could never have worked. */
export const deathCauses = ["rejected", "failures", "crashes", "deliveries"] as const;
export type DeathCause = (typeof deathCauses)[number];

export interface DeadLetter {
  /** Id of the dead letter in its own queue, not the id of the job. */
  readonly msgId: bigint;
  readonly diedAt: Date;
  readonly capsuleId: string | null;
  /** Null for a dead letter that Keepsake did not write. */
  readonly cause: DeathCause | null;
  readonly code: string | null;
  /** The error message, one sentence. */
  readonly reason: string | null;
  /** The payload of the job; only its size and first kilobyte where it was too large. */
  readonly original: unknown;
  readonly attempts: readonly DeadAttempt[];
  /** The dead letters that this job was retried from, oldest first. */
  readonly lineage: readonly unknown[];
  readonly source: { readonly msg_id?: number; readonly enqueued_at?: string } | null;
}

/** The record of an attempt in a dead letter. */
export interface DeadAttempt {
  readonly read_ct: number;
  readonly worker: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly outcome: string | null;
  readonly stage: string | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
}

interface DeadLetterRow {
  readonly dead_letter_id: number;
  readonly died_at: string;
  readonly capsule_id: string | null;
  readonly reason: DeadLetter["cause"];
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly original: unknown;
  readonly attempts: readonly DeadAttempt[];
  readonly lineage: readonly unknown[];
  readonly source: DeadLetter["source"];
}

/** Selects dead letters: all, those with an error code, or those with a cause. */
export interface DeadLetterKind {
  readonly code?: string | null;
  readonly cause?: DeathCause | null;
}

/** Lists dead letters, oldest first. */
export async function listDeadLetters(
  database: Database,
  { code = null, cause = null, limit = 100 }: DeadLetterKind & { readonly limit?: number },
  signal: AbortSignal,
): Promise<readonly DeadLetter[]> {
  return await read(database, { code, only_reason: cause, max_count: limit }, signal);
}

/** @throws KeepsakeError `dead-letter-not-found` */
export async function findDeadLetter(
  database: Database,
  msgId: bigint,
  signal: AbortSignal,
): Promise<DeadLetter> {
  const [deadLetter] = await read(database, { max_count: 1, only_dead_letter_id: msgId }, signal);
  return deadLetter ?? throwNotFound(msgId);
}

async function read(
  database: Database,
  values: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<readonly DeadLetter[]> {
  const rows = await database.control.call<DeadLetterRow[]>("list_dead_letters", values, { signal });
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
    source: row.source,
  }));
}

/**
 * Sends the job of a dead letter again, with another payload when one is given.
 * @returns the id of the new job
 * @throws KeepsakeError `dead-letter-not-found`
 */
export async function retryDeadLetter(
  database: Database,
  msgId: bigint,
  { payload, doneBy = null }: { readonly payload?: object; readonly doneBy?: string | null },
  signal: AbortSignal,
): Promise<bigint> {
  const newMsgId = await database.control.call<number | null>(
    "retry_dead_letter",
    { dead_letter_id: msgId, payload: payload ?? null, done_by: doneBy },
    { signal },
  );
  return newMsgId === null ? throwNotFound(msgId) : toId(newMsgId);
}

/**
 * Moves a dead letter from its queue to PGMQ's archive.
 * @throws KeepsakeError `dead-letter-not-found`
 */
export async function discardDeadLetter(
  database: Database,
  msgId: bigint,
  signal: AbortSignal,
  doneBy: string | null = null,
): Promise<void> {
  const discarded = await database.control.call<boolean>(
    "discard_dead_letter",
    { dead_letter_id: msgId, done_by: doneBy },
    { signal },
  );
  if (!discarded) throwNotFound(msgId);
}

function throwNotFound(msgId: bigint): never {
  throw new KeepsakeError(
    "dead-letter-not-found",
    `There is no dead letter ${msgId}: \`keepsake failed\` lists the existing ones.`,
  );
}
