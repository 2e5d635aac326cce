import type { Database } from "./database.js";

/** While paused nothing is claimed; films that are being made go on. */
export async function pauseQueue(
  database: Database,
  reason: string | null,
  signal: AbortSignal,
): Promise<void> {
  await database.control.call("pause", { reason }, { signal });
}

export async function resumeQueue(database: Database, signal: AbortSignal): Promise<void> {
  await database.control.call("resume", {}, { signal });
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
  return await database.control.call("cancel", { capsule_id: capsuleId }, { signal });
}
