import type { CallLimits, Database } from "../database/database.js";
import type { Outcome } from "./attempt.js";
import type { Fence } from "./fence.js";
import { toTime } from "../database/json-values.js";

/** The ends of an attempt that did not publish, as far as the worker writes them. */
export interface Settlement {
  readonly outcome: "duplicate" | "interrupted" | "setup" | "cancelled" | "failed" | "crashed" | "rejected";
  readonly code: string | null;
  /** A sentence without people's words and without keys. */
  readonly message: string | null;
  readonly stack: string | null;
  /** Of a duplicate. */
  readonly fingerprint: string | null;
  readonly contentDigest?: string | null;
  readonly sourceState?: string | null;
}

export interface Settled {
  readonly jobState: "archived" | "waiting" | "dead" | "lost";
  /** When a waiting job is visible again; null where that is not known any more. */
  readonly visibleAt: Date | null;
  /** The outcome that was written, where the database knew better; null when the job is lost. */
  readonly recorded: Exclude<Outcome, "lost"> | null;
}

export interface SettledRow {
  readonly job_state: Settled["jobState"];
  readonly visible_at: string | null;
  readonly recorded: Settled["recorded"];
}

/** Ends an attempt that did not publish. Safe to call again after a lost reply. */
export async function finishAttempt(
  database: Database,
  { msgId, readCount }: Fence,
  settlement: Settlement,
  limits?: CallLimits,
): Promise<Settled> {
  const { outcome, code, message, stack, fingerprint, contentDigest = null, sourceState = null } = settlement;
  const values = {
    msg_id: msgId,
    read_ct: readCount,
    outcome,
    error_code: code,
    error_message: message,
    error_stack: stack,
    fingerprint,
    content_digest: contentDigest,
    source_state: sourceState,
  };
  return toSettled(await database.control.call<SettledRow>("finish", values, limits));
}

export function toSettled(settled: SettledRow): Settled {
  return {
    jobState: settled.job_state,
    visibleAt: settled.visible_at === null ? null : toTime(settled.visible_at),
    recorded: settled.recorded,
  };
}
