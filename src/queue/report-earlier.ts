import { retry } from "../async/retry.js";
import type { Database } from "../database/database.js";
import { toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import { reportOutage } from "./finish-attempt.js";
import type { PauseReason } from "./presence.js";
import { databaseDelays } from "./shutdown-grace.js";
import type { UnreportedNotes } from "./unreported-notes.js";

const message =
  "The worker was shut down while the database was out of reach. Another worker on its machine reported this.";

/** The wait between two tries while the database does not accept writes. */
const waitSeconds = 5;

/**
 * Reports the attempts of earlier workers of this machine that an outage of the database ended. Waits while the database
 * is out of reach. Never rejects.
 * @returns the reason to claim nothing, where the operator must fix something before they can be reported; otherwise null
 */
export async function reportEarlier(
  database: Database,
  notes: UnreportedNotes,
  log: Log,
  signal: AbortSignal,
): Promise<PauseReason | null> {
  for (const claimId of await notes.list()) {
    try {
      await retry(() => reportOutage(database, claimId, message, { signal }), { signal, ...databaseDelays });
    } catch (error) {
      if (signal.aborted) return null;
      const { fault, code, message: reason } = toKeepsakeError(error);
      // Until the attempt is reported, a claim could find it open and count it as crashed.
      if (fault === "setup") return { code, reason, waitSeconds };
      log.warn({ code, reason }, "an attempt that an outage ended could not be reported");
    }
    await notes.remove(claimId);
  }
  return null;
}
