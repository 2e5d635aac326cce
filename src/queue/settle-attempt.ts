import type { Fence } from "./fence.js";
import type { Database } from "./open-database.js";

/** The ends of an attempt that did not publish, as far as the worker writes them. */
export interface Settlement {
  readonly outcome: "duplicate" | "interrupted" | "cancelled" | "failed" | "crashed" | "rejected";
  readonly code: string | null;
  /** A sentence without people's words and without keys. */
  readonly message: string | null;
  readonly stack: string | null;
  /** Of a duplicate. */
  readonly fingerprint: string | null;
}

export interface Settled {
  readonly jobState: "archived" | "waiting" | "dead" | "lost";
  /** When a waiting job is visible again; null where that is not known any more. */
  readonly visibleAt: Date | null;
}

/** Ends an attempt that did not publish. Safe to call again after a lost reply. */
export async function settleAttempt(
  database: Database,
  { msgId, readCount }: Fence,
  settlement: Settlement,
): Promise<Settled> {
  const { outcome, code, message, stack, fingerprint } = settlement;
  const [row] = await database.control.query(
    (sql) => sql<Settled[]>`
      select job_state as "jobState", visible_at as "visibleAt"
      from keepsake.settle(
        ${msgId}::bigint, ${readCount}::integer, ${outcome}::text, ${code}::text,
        ${withoutNul(message)}::text, ${withoutNul(stack)}::text, ${fingerprint}::text
      )`,
  );
  return row ?? { jobState: "lost", visibleAt: null };
}

/** PostgreSQL's text cannot hold U+0000, which a foreign library's message may. */
function withoutNul(text: string | null): string | null {
  return text?.replaceAll("\0", "") ?? null;
}
