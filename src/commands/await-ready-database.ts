import { setTimeout as sleep } from "node:timers/promises";

import type { Config } from "../settings/config.js";
import type { Database } from "../database/database.js";
import { toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import { createOutageLog } from "../queue/outage-log.js";
import { openReadyDatabase } from "./open-ready-database.js";

const firstWaitSeconds = 0.5;
const longestWaitSeconds = 10;

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
  let saidBusy: string | null = null;
  for (let waitSeconds = firstWaitSeconds; ; waitSeconds = Math.min(waitSeconds * 2, longestWaitSeconds)) {
    try {
      const database = await openReadyDatabase(config, signal);
      outages.answered();
      return database;
    } catch (error) {
      if (signal.aborted) return null;
      const { fault, code, message } = toKeepsakeError(error);
      if (fault !== "world") throw error;
      outages.failed(error);
      if (code !== "database-unreachable" && message !== saidBusy) {
        saidBusy = message;
        log.warn({ code, reason: message }, "the database is busy; it is asked again");
      }
    }
    const jitter = 0.5 + Math.random() / 2;
    await sleep(waitSeconds * jitter * 1000, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return null;
  }
}
