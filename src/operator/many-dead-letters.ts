import type { Database } from "../database/database.js";
import type { DeadLetterKind } from "./dead-letters.js";

export interface DeadLetterCount {
  readonly count: number;
  /** Id of the newest of them. A decision about the counted ones does not affect later ones. */
  readonly lastMsgId: number;
}

const maxCountPerCall = 200;

export async function countDeadLetters(
  database: Database,
  { code = null, cause = null }: DeadLetterKind,
  signal: AbortSignal,
): Promise<DeadLetterCount> {
  const row = await database.control.call<{ count: number; last_dead_letter_id: number }>(
    "count_dead_letters",
    { code, reason: cause },
    { signal },
  );
  return { count: row.count, lastMsgId: row.last_dead_letter_id };
}

/** Sends the jobs of all current dead letters of a kind again. Returns their number. */
export async function retryDeadLetters(
  database: Database,
  kind: DeadLetterKind,
  signal: AbortSignal,
  doneBy: string | null = null,
): Promise<number> {
  const counted = await countDeadLetters(database, kind, signal);
  return await callUntilNone("retry_dead_letters", database, kind, counted, signal, doneBy);
}

/** Moves the counted dead letters of a kind to PGMQ's archive. Returns their number. */
export async function discardDeadLetters(
  database: Database,
  kind: DeadLetterKind,
  counted: DeadLetterCount,
  signal: AbortSignal,
  doneBy: string | null = null,
): Promise<number> {
  return await callUntilNone("discard_dead_letters", database, kind, counted, signal, doneBy);
}

async function callUntilNone(
  functionName: "retry_dead_letters" | "discard_dead_letters",
  database: Database,
  { code = null, cause = null }: DeadLetterKind,
  { lastMsgId }: DeadLetterCount,
  signal: AbortSignal,
  doneBy: string | null,
): Promise<number> {
  const values = {
    last_dead_letter_id: lastMsgId,
    code,
    reason: cause,
    max_count: maxCountPerCall,
    done_by: doneBy,
  };
  let total = 0;
  for (;;) {
    const count = await database.control.call<number>(functionName, values, { signal });
    if (count === 0) return total;
    total += count;
  }
}
