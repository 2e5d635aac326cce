import { isUuid } from "../capsule/is-uuid.js";
import { notClosed } from "../capsule/not-closed.js";
import { KeepsakeError } from "../errors.js";
import type { Database } from "../database/database.js";
import { toId, toTime } from "../database/json-values.js";

export interface Enqueued {
  readonly msgId: bigint;
  /** True if a job was already waiting, so that no new one was sent. */
  readonly already: boolean;
  /** True if the job was delayed and can now be claimed at once. */
  readonly hurried: boolean;
  /** The time until which the job is delayed, or was before `atOnce`; null where it could be claimed. */
  readonly visibleAt: Date | null;
  /** The error code of its last attempt. */
  readonly lastCode: string | null;
}

/**
 * Enqueues a closed capsule. If it already has a waiting job, that job is returned.
 * @param atOnce makes a delayed job claimable now, but never one that an attempt works on
 * @param doneBy name of the operator, for `keepsake.operations`
 * @throws KeepsakeError `capsule-not-found`, `capsule-not-closed`, `capsule-invalid`, or another error of the database
 */
export async function enqueueCapsule(
  database: Database,
  capsuleId: string,
  signal: AbortSignal,
  { atOnce = false, doneBy = null }: { readonly atOnce?: boolean; readonly doneBy?: string | null } = {},
): Promise<Enqueued> {
  if (!isUuid(capsuleId)) {
    throw new KeepsakeError(
      "capsule-invalid",
      `"${capsuleId.slice(0, 60)}" is not the id of a capsule: pass its UUID.`,
    );
  }
  try {
    const row = await database.control.call<{
      readonly msg_id: number;
      readonly already: boolean;
      readonly hurried: boolean;
      readonly visible_at: string | null;
      readonly last_code: string | null;
    }>("enqueue_by_operator", { capsule_id: capsuleId, at_once: atOnce, done_by: doneBy }, { signal });
    return {
      msgId: toId(row.msg_id),
      already: row.already,
      hurried: row.hurried,
      visibleAt: row.visible_at === null ? null : toTime(row.visible_at),
      lastCode: row.last_code,
    };
  } catch (error) {
    throw explainRejection(error, capsuleId);
  }
}

/** Translates the SQLSTATEs that `keepsake.enqueue` raises. */
function explainRejection(error: unknown, capsuleId: string): unknown {
  if (!(error instanceof KeepsakeError)) return error;
  const state = (error.cause as { code?: unknown } | undefined)?.code;
  if (state === "42704") {
    return new KeepsakeError("capsule-not-found", `There is no capsule ${capsuleId}.`, { cause: error });
  }
  if (state === "55000") {
    const text = String((error.cause as { message?: unknown }).message);
    return notClosed(capsuleId, / is not closed, but: (.*)$/s.exec(text)?.[1] ?? null);
  }
  return error;
}
