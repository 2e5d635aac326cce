import { toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import type { Database } from "../database/database.js";
import { insist } from "./patience.js";
import { reportOutage } from "./report-outage.js";
import type { UnreportedNotes } from "./unreported-notes.js";

const message =
  "The worker was told to stop while the database was out of reach; another one of this machine reported it.";

/**
 * Reports the attempts of other workers on this machine that an outage of the database ended. While the database is out
 * of reach it waits. Never rejects.
 */
export async function reportEarlier(
  database: Database,
  notes: UnreportedNotes,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  for (const claimId of await notes.list()) {
    try {
      await insist((patience) => reportOutage(database, claimId, message, { signal: patience }), signal);
    } catch (error) {
      if (signal.aborted) return;
      const { code, message: reason } = toKeepsakeError(error);
      log.warn({ code, reason }, "an attempt that an outage ended could not be reported");
    }
    await notes.forget(claimId);
  }
}
