import { retry } from "../async/retry.js";
import type { Database } from "../database/database.js";
import type { Log } from "../log.js";
import { createOutageLog } from "../queue/outage-log.js";
import { databaseDelays } from "../queue/shutdown-grace.js";
import type { Config } from "../settings/config.js";
import { openReadyDatabase } from "./open-ready-database.js";

/**
 * Opens the configured database. It waits while the database is out of reach or busy, as a running worker does.
 * @returns null when the signal was aborted before the database answered
 * @throws KeepsakeError where an operator must act, for example on a wrong password or a missing schema
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
          log.warn({ code, reason: message }, "the database is busy; trying again");
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
