import type { Database, Functions } from "../database/database.js";
import { KeepsakeError, toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";

const probeSeconds = 5;

/**
 * Logs when an outage of the database begins, every few minutes while it lasts, and when it is over. It makes no calls of
 * its own, because the callers of the database retry.
 */
export interface OutageLog {
  readonly failed: (error: unknown) => void;
  readonly answered: () => void;
}

export interface OutageLogOptions {
  /** An outage that lasts is logged again after this time. Default 300. */
  readonly reminderSeconds?: number;
  /** An outage that begins within this time after another one began is logged only when it lasts longer. Default 60. */
  readonly quietSeconds?: number;
}

export function createOutageLog(log: Log, options: OutageLogOptions = {}): OutageLog {
  const { reminderSeconds = 300, quietSeconds = 60 } = options;
  // Monotonic milliseconds. Null: the last call was answered.
  let awaySince: number | null = null;
  let loggedAt: number | null = null;
  let firstLoggedAt = -Infinity;

  const secondsAway = (): number => Math.round((performance.now() - (awaySince ?? 0)) / 100) / 10;

  return {
    failed: (error) => {
      if (!(error instanceof KeepsakeError)) return;
      const { code, message } = error;
      // A database that answers with an error is within reach.
      if (code !== "database-unreachable") return answered();
      const now = performance.now();
      awaySince ??= now;
      if (loggedAt === null) {
        if (now - firstLoggedAt < quietSeconds * 1000) return;
        firstLoggedAt = now;
        loggedAt = now;
        log.warn(
          { code, reason: message },
          "the database is out of reach; calls are repeated until it answers",
        );
      } else if (now - loggedAt >= reminderSeconds * 1000) {
        loggedAt = now;
        log.warn({ code, reason: message, seconds: secondsAway() }, "the database is still out of reach");
      }
    },
    answered,
  };

  function answered(): void {
    if (awaySince === null) return;
    if (loggedAt !== null) log.info({ seconds: secondsAway() }, "the database is back");
    awaySince = null;
    loggedAt = null;
  }
}

/** Logs a failure as a warning, but at `debug` in an outage of the database, which the outage log reports. */
export function warnUnlessOutage(log: Log, error: unknown, what: string): void {
  const { code, message } = toKeepsakeError(error);
  log[code === "database-unreachable" ? "debug" : "warn"]({ code, reason: message }, what);
}

/** Wraps a database so that each answer and each failure is reported to the outage log. */
export function watchOutages(database: Database, outages: OutageLog): Database {
  const watch = (functions: Functions): Functions => ({
    call: async (functionName, values, limits) => {
      try {
        const result = await functions.call<never>(functionName, values, limits);
        outages.answered();
        return result;
      } catch (error) {
        // A call that its caller aborted is no sign of an outage.
        if (limits?.signal?.aborted !== true) outages.failed(error);
        throw error;
      }
    },
  });
  return {
    address: database.address,
    control: watch(database.control),
    heartbeats: watch(database.heartbeats),
    [Symbol.asyncDispose]: async () => await database[Symbol.asyncDispose](),
  };
}

/**
 * Checks whether the database is out of reach. Otherwise a single call was slow, because it waited for a lock or for a
 * trigger of the app. Never rejects.
 */
export async function isDatabaseAway(database: Database, signal: AbortSignal): Promise<boolean> {
  try {
    await database.heartbeats.call("applied_migrations", {}, { timeoutSeconds: probeSeconds, signal });
    return false;
  } catch (error) {
    return toKeepsakeError(error).code === "database-unreachable";
  }
}
