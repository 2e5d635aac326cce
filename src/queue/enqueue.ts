import { notClosed } from "../capsule/not-closed.js";
import { KeepsakeError } from "../errors.js";
import type { Database } from "../database/database.js";
import { toId } from "../database/json-values.js";

/**
 * Puts a closed capsule into the queue, as the app does. A job of it that already waits is answered, not doubled.
 * @throws KeepsakeError `capsule-not-found`, `capsule-not-closed`, `capsule-invalid`, or another of the database
 */
export async function enqueueCapsule(
  database: Database,
  capsuleId: string,
  signal: AbortSignal,
): Promise<{ readonly msgId: bigint }> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(capsuleId)) {
    throw new KeepsakeError(
      "capsule-invalid",
      `"${capsuleId.slice(0, 60)}" is not the id of a capsule: give its uuid.`,
    );
  }
  try {
    const msgId = await database.control.call<number>("enqueue", { capsule_id: capsuleId }, { signal });
    return { msgId: toId(msgId) };
  } catch (error) {
    throw explainRefusal(error, capsuleId);
  }
}

/** The SQLSTATEs are those that keepsake.enqueue raises. */
function explainRefusal(error: unknown, capsuleId: string): unknown {
  if (!(error instanceof KeepsakeError)) return error;
  const state = (error.cause as { code?: unknown } | undefined)?.code;
  if (state === "42704") {
    return new KeepsakeError("capsule-not-found", `There is no capsule ${capsuleId}.`, { cause: error });
  }
  if (state === "55000") {
    const said = String((error.cause as { message?: unknown }).message);
    return notClosed(capsuleId, / is not closed, but: (.*)$/s.exec(said)?.[1] ?? null);
  }
  return error;
}
