import type { Database } from "./open-database.js";

/** While paused nothing is claimed; films that are being made go on. */
export async function pauseQueue(
  database: Database,
  reason: string | null,
  signal: AbortSignal,
): Promise<void> {
  await database.control.query((sql) => sql`select keepsake.pause(${reason}::text)`, { signal });
}

export async function resumeQueue(database: Database, signal: AbortSignal): Promise<void> {
  await database.control.query((sql) => sql`select keepsake.resume()`, { signal });
}

/**
 * Archives the jobs of a capsule that nobody works on, and asks the attempt that does to stop, which it learns with
 * its next heartbeat.
 */
export async function cancelCapsule(
  database: Database,
  capsuleId: string,
  signal: AbortSignal,
): Promise<{ readonly archived: number; readonly stopping: number }> {
  const [row] = await database.control.query(
    (sql) => sql<{ archived: number; stopping: number }[]>`
      select archived, stopping from keepsake.cancel(${capsuleId}::uuid)`,
    { signal },
  );
  return row ?? { archived: 0, stopping: 0 };
}
