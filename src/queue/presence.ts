import { toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import type { Database } from "../database/database.js";
import type { Refusal } from "./refusal.js";

export interface PresenceOptions {
  readonly database: Database;
  readonly workerName: string;
  readonly slots: number;
  readonly version: string | null;
  readonly log: Log;
}

/** What others see of this worker: its row in `keepsake.workers`, and a line of the log at the beginning and at the end. */
export interface Presence {
  /** Why this worker claims nothing now; null: it does. Never fails. */
  readonly say: (refusal: Pick<Refusal, "code" | "reason"> | null) => Promise<void>;
  /** A claim failed. The row cannot say so; of a database out of reach the log does elsewhere. */
  readonly miss: (error: unknown) => void;
  /** It was told to stop, and claims nothing more. Never fails. */
  readonly drain: () => Promise<void>;
  /** For a worker that ends as it should. Never fails. */
  readonly leave: () => Promise<void>;
}

/** Well within the minute after which a worker is taken for gone. */
const refreshSeconds = 30;
const writeSeconds = 3;
const leaveSeconds = 1;
const draining = {
  code: "draining",
  reason: "It was told to stop and only finishes the films it has begun.",
};

export function createPresence(options: PresenceOptions): Presence {
  const { database, workerName, slots, version, log } = options;
  let said: string | null = null;
  let written: string | null | undefined;
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
      log.debug({ code: toKeepsakeError(error).code }, "this worker's row could not be written");
      return false;
    }
  };

  const tell = (refusal: Pick<Refusal, "code" | "reason"> | null): void => {
    const code = refusal?.code ?? null;
    if (code === said) return;
    said = code;
    if (refusal === null) log.info("claiming jobs again");
    else log.warn({ code: refusal.code, reason: refusal.reason }, "claiming no jobs");
  };

  const show = async (refusal: Pick<Refusal, "code" | "reason"> | null): Promise<void> => {
    const code = refusal?.code ?? null;
    // While it claims, its claims show that it is there.
    const isOld = refusal !== null && performance.now() - writtenAt > refreshSeconds * 1000;
    if (code === written && !isOld) return;
    writtenAt = performance.now();
    const row = { slots, version, not_claiming: refusal?.reason ?? null };
    if (await write("register_worker", row, writeSeconds)) written = code;
  };

  return {
    miss: (error) => {
      const { code, message } = toKeepsakeError(error);
      if (code === "database-unreachable") return;
      tell({ code, reason: message });
    },
    say: async (refusal) => {
      tell(refusal);
      await show(refusal);
    },
    drain: async () => await show(draining),
    leave: async () => {
      await write("unregister_worker", {}, leaveSeconds);
    },
  };
}
