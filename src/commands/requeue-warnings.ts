import type { Database } from "../database/database.js";
import {
  countIncompleteFilms,
  listIncompleteCapsules,
  requeueIncompleteFilms,
} from "../operator/requeue-incomplete.js";
import { confirmCount } from "./line/confirm-count.js";
import { printJson, type CommandContext } from "./context.js";
import { counted } from "./format/counted.js";

export interface RequeueWarningsOptions {
  readonly code: string;
  readonly isDryRun: boolean;
  /** Value of `--confirm`. */
  readonly confirmed: string | undefined;
  readonly doneBy: string | null;
  readonly asJson: boolean;
}

/**
 * Requeues the films that were published with something missing for one reason, once their number is confirmed.
 * @throws KeepsakeError `not-confirmed`; nothing was changed then
 */
export async function requeueWarnings(
  context: CommandContext,
  database: Database,
  { code, isDryRun, confirmed, doneBy, asJson }: RequeueWarningsOptions,
): Promise<void> {
  const { signal } = context;
  const incomplete = await countIncompleteFilms(database, code, signal);
  const films = `${counted(incomplete.count, "film")} with ${code}`;
  if (isDryRun) {
    const capsuleIds = await listIncompleteCapsules(database, incomplete, signal);
    if (asJson)
      printJson(
        context,
        capsuleIds.map((capsuleId) => ({ capsuleId })),
      );
    else {
      for (const capsuleId of capsuleIds) context.print(capsuleId);
      context.print(`${films} would be made again.`);
    }
    return;
  }
  if (incomplete.count > 0 || confirmed !== undefined) {
    await confirmCount(context, incomplete.count, `${films} would be made again`, confirmed);
  }
  const requeued = await requeueIncompleteFilms(database, incomplete, doneBy, signal);
  if (asJson) {
    printJson(context, requeued);
    return;
  }
  for (const { capsuleId, msgId } of requeued) context.print(`${capsuleId}  waits as job ${msgId}`);
  context.print(
    requeued.length === 0
      ? `No film with ${code} can be made again now.`
      : `${counted(requeued.length, "capsule")} enqueued.`,
  );
}
