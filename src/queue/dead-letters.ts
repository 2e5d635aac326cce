import { KeepsakeError } from "../errors.js";
import type { Database } from "./open-database.js";

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

/** Oldest first. */
export async function listDeadLetters(
  database: Database,
  { code = null, limit = 100 }: { readonly code?: string | null; readonly limit?: number },
  signal: AbortSignal,
): Promise<readonly DeadLetter[]> {
  return await database.control.query(
    (sql) => sql<DeadLetter[]>`
      select
        dead_letter_id as "msgId", died_at as "diedAt", capsule_id as "capsuleId", reason as "cause",
        error_code as "code", error_message as "reason", original, attempts, lineage
      from keepsake.dead_letters(${code}::text, ${limit}::integer)`,
    { signal },
  );
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
  const json = payload === undefined ? null : JSON.stringify(payload);
  const [row] = await database.control.query(
    (sql) => sql<{ newMsgId: bigint | null }[]>`
      select keepsake.retry_dead_letter(${msgId}::bigint, (${json}::text)::jsonb) as "newMsgId"`,
    { signal },
  );
  return row?.newMsgId ?? refuseUnknown(msgId);
}

/** Sends all dead letters again, or those with one error code. Returns how many. */
export async function retryDeadLetters(
  database: Database,
  { code = null }: { readonly code?: string | null },
  signal: AbortSignal,
): Promise<number> {
  const [row] = await database.control.query(
    (sql) => sql<{ count: number }[]>`select keepsake.retry_dead_letters(${code}::text) as count`,
    { signal },
  );
  return row?.count ?? 0;
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
  const [row] = await database.control.query(
    (sql) =>
      sql<{ discarded: boolean }[]>`select keepsake.discard_dead_letter(${msgId}::bigint) as discarded`,
    { signal },
  );
  if (row?.discarded !== true) refuseUnknown(msgId);
}

function refuseUnknown(msgId: bigint): never {
  throw new KeepsakeError(
    "dead-letter-not-found",
    `There is no dead letter ${msgId}: \`keepsake failed\` lists those there are.`,
  );
}
