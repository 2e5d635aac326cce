import { KeepsakeError } from "../errors.js";
import type { Database } from "../database/database.js";
import { toId, toTime } from "../database/json-values.js";

/** Which limit ended a job, or `rejected`: it could never have worked. */
export const deathCauses = ["rejected", "failures", "crashes", "deliveries"] as const;
export type DeathCause = (typeof deathCauses)[number];

export interface DeadLetter {
  /** In the queue of the dead letters; not that of the job it was. */
  readonly msgId: bigint;
  readonly diedAt: Date;
  readonly capsuleId: string | null;
  /** Null for a letter that Keepsake did not write. */
  readonly cause: DeathCause | null;
  readonly code: string | null;
  /** A sentence. */
  readonly reason: string | null;
  /** The payload as it was; of one that was too large its size and its first kilobyte. */
  readonly original: unknown;
  readonly attempts: readonly DeadAttempt[];
  /** The dead letters this job came from by retries, oldest first. */
  readonly lineage: readonly unknown[];
  readonly source: { readonly msg_id?: number; readonly enqueued_at?: string } | null;
}

/** As it was written into the letter. */
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

/** Which letters are meant: all, those with this error code, those that died of this cause. */
export interface DeadLetterKind {
  readonly code?: string | null;
  readonly cause?: DeathCause | null;
}

/** Oldest first. */
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
  const [letter] = await read(database, { max_count: 1, only_dead_letter_id: msgId }, signal);
  return letter ?? refuseUnknown(msgId);
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
 * Sends a dead letter's job again, with another payload if one is given. Returns the new job's id.
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
  return newMsgId === null ? refuseUnknown(msgId) : toId(newMsgId);
}

/**
 * Takes a dead letter off its queue; PGMQ's archive keeps it.
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
  if (!discarded) refuseUnknown(msgId);
}

function refuseUnknown(msgId: bigint): never {
  throw new KeepsakeError(
    "dead-letter-not-found",
    `There is no dead letter ${msgId}: \`keepsake failed\` lists those there are.`,
  );
}
