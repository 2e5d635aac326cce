import type { Database } from "../database/database.js";
import { toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";

/** Why a worker claims no job at present. */
export interface PauseReason {
  /** Stable code. Numbers in the sentence may change while the code does not. */
  readonly code: string;
  /** One sentence: what is wrong and how to fix it. */
  readonly reason: string;
  /** When to check again; earlier where a slot frees. */
  readonly waitSeconds: number;
}

export interface PresenceOptions {
  readonly database: Database;
  readonly workerName: string;
  readonly slots: number;
  readonly version: string | null;
  readonly log: Log;
}

/**
 * Shows the state of this worker to operators: by its row in `keepsake.workers`, and by a log line when it stops claiming
 * and when it claims again. None of its functions fails.
 */
export interface Presence {
  /** Stores why this worker claims nothing now. Null: it claims. */
  readonly setReason: (reason: Pick<PauseReason, "code" | "reason"> | null) => Promise<void>;
  /** Logs a claim that failed. The row cannot be written then. The outage log reports a database that is out of reach. */
  readonly reportFailure: (error: unknown) => void;
  /** Stores that this worker is shutting down and claims nothing more. */
  readonly setDraining: () => Promise<void>;
  /** Deletes the row of a worker that ends normally. */
  readonly remove: () => Promise<void>;
}

/** Well within the minute after which a worker is shown as dead. */
const refreshSeconds = 30;
const writeSeconds = 3;
const removeSeconds = 1;
const draining = {
  code: "draining",
  reason: "The worker is shutting down and only finishes the films that it has started.",
};

export function createPresence(options: PresenceOptions): Presence {
  const { database, workerName, slots, version, log } = options;
  let loggedCode: string | null = null;
  let writtenCode: string | null | undefined;
  let writtenAt = -Infinity;

  const write = async (
    functionName: string,
    row: Readonly<Record<string, unknown>>,
    timeoutSeconds: number,
  ): Promise<boolean> => {
    try {
      await database.control.call(functionName, { worker: workerName, ...row }, { timeoutSeconds });
      return true;
    } catch (error) {
      log.debug({ code: toKeepsakeError(error).code }, "the row of this worker could not be written");
      return false;
    }
  };

  const logReason = (reason: Pick<PauseReason, "code" | "reason"> | null): void => {
    const code = reason?.code ?? null;
    if (code === loggedCode) return;
    loggedCode = code;
    if (reason === null) log.info("claiming jobs again");
    else log.warn({ code: reason.code, reason: reason.reason }, "claiming no jobs");
  };

  const writeReason = async (reason: Pick<PauseReason, "code" | "reason"> | null): Promise<void> => {
    const code = reason?.code ?? null;
    // Each claim renews the row of a worker that claims.
    const isOld = reason !== null && performance.now() - writtenAt > refreshSeconds * 1000;
    if (code === writtenCode && !isOld) return;
    writtenAt = performance.now();
    const row = { slots, version, not_claiming: reason?.reason ?? null };
    if (await write("register_worker", row, writeSeconds)) writtenCode = code;
  };

  return {
    reportFailure: (error) => {
      const { code, message } = toKeepsakeError(error);
      if (code === "database-unreachable") return;
      logReason({ code, reason: message });
    },
    setReason: async (reason) => {
      logReason(reason);
      await writeReason(reason);
    },
    setDraining: async () => await writeReason(draining),
    remove: async () => {
      await write("unregister_worker", {}, removeSeconds);
    },
  };
}
