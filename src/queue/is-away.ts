import type { Database } from "../database/database.js";
import { toKeepsakeError } from "../errors.js";

const probeSeconds = 5;

/**
 * Whether the database is out of reach for everything, and not only slow in answering one call, which may wait for a
 * lock or for a trigger of the app's. Never rejects.
 */
export async function isAway(database: Database, signal: AbortSignal): Promise<boolean> {
  try {
    await database.heartbeats.call("applied_migrations", {}, { timeoutSeconds: probeSeconds, signal });
    return false;
  } catch (error) {
    return toKeepsakeError(error).code === "database-unreachable";
  }
}
