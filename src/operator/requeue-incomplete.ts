import type { Database } from "../database/database.js";
import { toRequeued, type Requeued } from "./requeue.js";

/** Films that were published with something missing for one reason and that have no job. */
export interface Incomplete {
  readonly code: string;
  readonly count: number;
  /** When the last of them was published, in the format of the database; null where there is none. */
  readonly publishedUntil: string | null;
}

const maxCapsulesPerCall = 500;

export async function countIncompleteFilms(
  database: Database,
  code: string,
  signal: AbortSignal,
): Promise<Incomplete> {
  const row = await database.control.call<{
    readonly count: number;
    readonly published_until: string | null;
  }>("count_incomplete", { warning_code: code }, { signal });
  return { code, count: row.count, publishedUntil: row.published_until };
}

/** Lists the capsules of the counted films. */
export async function listIncompleteCapsules(
  database: Database,
  incomplete: Incomplete,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const rows = await readBatches<{ capsule_id: string }>(
    database,
    "incomplete_capsules",
    incomplete,
    {},
    signal,
  );
  return rows.map((row) => row.capsule_id);
}

/** Enqueues the capsules of the counted films, except those that were reopened or deleted since. */
export async function requeueIncompleteFilms(
  database: Database,
  incomplete: Incomplete,
  doneBy: string | null,
  signal: AbortSignal,
): Promise<readonly Requeued[]> {
  const rows = await readBatches<{ capsule_id: string; msg_id: number | null }>(
    database,
    "requeue_incomplete",
    incomplete,
    { done_by: doneBy },
    signal,
  );
  return rows.flatMap(({ capsule_id, msg_id }) =>
    msg_id === null ? [] : [toRequeued({ capsule_id, msg_id })],
  );
}

/**
 * Reads the capsules in the order of their ids, so that each is read once. Without that order, a film that is made again
 * between two calls and still lacks something could not be distinguished from one that was not read yet.
 */
async function readBatches<Row extends { readonly capsule_id: string }>(
  database: Database,
  functionName: string,
  { code, publishedUntil }: Incomplete,
  values: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const all: Row[] = [];
  if (publishedUntil === null) return all;
  for (;;) {
    const batch: Row[] = await database.control.call<Row[]>(
      functionName,
      {
        ...values,
        warning_code: code,
        published_until: publishedUntil,
        after_capsule_id: all.at(-1)?.capsule_id ?? null,
        max_count: maxCapsulesPerCall,
      },
      { signal },
    );
    all.push(...batch);
    if (batch.length < maxCapsulesPerCall) return all;
  }
}
