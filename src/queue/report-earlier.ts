import { toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import type { Database } from "../database/database.js";
import { insist } from "./patience.js";
import type { Refusal } from "./refusal.js";
import { reportOutage } from "./report-outage.js";
import type { UnreportedNotes } from "./unreported-notes.js";

const message =
  "The worker was told to stop while the database was out of reach; another one of this machine reported it.";

/** Between two tries while the database refuses to be written. */
const waitSeconds = 5;

/**
 * Reports the attempts of other workers on this machine that an outage of the database ended. While the database is out
 * of reach it waits. Never rejects.
 * @returns why no job may be claimed now, because the operator must fix something before they can be reported, or null
 */
export async function reportEarlier(
  database: Database,
  notes: UnreportedNotes,
  log: Log,
  signal: AbortSignal,
): Promise<Refusal | null> {
  for (const claimId of await notes.list()) {
    try {
      await insist((patience) => reportOutage(database, claimId, message, { signal: patience }), signal);
    } catch (error) {
      if (signal.aborted) return null;
      const { fault, code, message: reason } = toKeepsakeError(error);
      // A claim could find the attempt open, and count a crash.
      if (fault === "setup") return { code, reason, waitSeconds };
      log.warn({ code, reason }, "an attempt that an outage ended could not be reported");
    }
    await notes.forget(claimId);
  }
  return null;
}
