import { retry } from "../async/retry.js";
import type { Database } from "../database/database.js";
import type { Log } from "../log.js";
import { createOutageLog } from "../queue/outage-log.js";
import { databaseDelays } from "../queue/shutdown-grace.js";
import type { Config } from "../settings/config.js";
import { openReadyDatabase } from "./open-ready-database.js";

/**
 * Opens the configured database, and waits for one that is out of reach or busy for now, as a worker does that runs already.
 * @returns null when the signal was aborted before the database was there
 * @throws KeepsakeError where an operator has to act, such as a wrong password or a missing schema
 */
export async function awaitReadyDatabase(
  config: Config,
  log: Log,
  signal: AbortSignal,
): Promise<Database | null> {
  const outages = createOutageLog(log);
  let loggedMessage: string | null = null;
  try {
    const database = await retry(() => openReadyDatabase(config, signal), {
      signal,
      ...databaseDelays,
      isWorthRetrying: (error) => {
        const { fault, code, message } = error;
        if (fault !== "world") return false;
        outages.failed(error);
        if (code !== "database-unreachable" && message !== loggedMessage) {
          loggedMessage = message;
          log.warn({ code, reason: message }, "the database is busy; it is asked again");
        }
        return true;
      },
    });
    outages.answered();
    return database;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}
