import { defineCommand } from "citty";

import { KeepsakeError } from "../errors.js";
import { readCapsuleHistory } from "../operator/capsule-history.js";
import type { Database } from "../database/database.js";
import { listStuckCapsules, requeueStuckCapsules } from "../operator/requeue.js";
import { capsuleArgument, readCapsuleId } from "./line/capsule-argument.js";
import { confirmArgument } from "./line/confirm-count.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { counted } from "./format/counted.js";
import { formatAgo } from "./format/format-time.js";
import { openReadyDatabase } from "./open-ready-database.js";
import { requeueWarnings } from "./requeue-warnings.js";
import { readWarningCode } from "./line/warning-code.js";

export function createRequeueCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "requeue",
      description:
        "Enqueue closed capsules without a film, a job or a dead letter, or make incomplete films again.",
    },
    args: {
      capsule: { ...capsuleArgument, required: false, description: "Only this capsule, if it is stuck." },
      warnings: {
        type: "string",
        description: "Make films again that were published with something missing for this reason.",
        valueHint: "code",
      },
      ...confirmArgument,
      "dry-run": { type: "boolean", description: "List them and change nothing.", default: false },
      ...jsonArgument,
    },
    async run({ args }) {
      const capsuleId = args.capsule === undefined ? null : readCapsuleId(args.capsule);
      const code = args.warnings === undefined ? null : readWarningCode(args.warnings);
      if (capsuleId !== null && code !== null) {
        const text = `Use either a capsule's id or --warnings: \`keepsake enqueue ${capsuleId}\` makes the film of one capsule again.`;
        throw new KeepsakeError("usage", text);
      }
      if (args.confirm !== undefined && code === null) {
        throw new KeepsakeError(
          "usage",
          "--confirm is only for --warnings: stuck capsules are not counted first.",
        );
      }
      const config = configOf(context);
      const { signal } = context;
      await using database = await openReadyDatabase(config, signal);
      if (code !== null) {
        await requeueWarnings(context, database, {
          code,
          isDryRun: args["dry-run"],
          confirmed: args.confirm,
          doneBy: config.operator,
          asJson: args.json,
        });
        return;
      }
      if (args["dry-run"]) {
        const stuck = await listStuckCapsules(database, { capsuleId }, signal);
        if (args.json) printJson(context, stuck);
        else {
          for (const { capsuleId: id, seenAt } of stuck)
            context.print(
              `${id}  ${seenAt === null ? "not seen by a sweep yet" : `seen ${formatAgo(seenAt)}`}`,
            );
          context.print(
            stuck.length === 0
              ? "No capsule is stuck."
              : `${counted(stuck.length, "capsule")} would be enqueued.`,
          );
        }
        return;
      }
      const requeued = await requeueStuckCapsules(database, signal, { capsuleId, doneBy: config.operator });
      if (capsuleId !== null && requeued.length === 0) await explainNotStuck(database, capsuleId, signal);
      if (args.json) printJson(context, requeued);
      else {
        for (const { capsuleId: id, msgId } of requeued) context.print(`${id}  waits as job ${msgId}`);
        context.print(
          requeued.length === 0 ? "No capsule is stuck." : `${counted(requeued.length, "capsule")} enqueued.`,
        );
      }
    },
  });
}

/** @throws KeepsakeError with the reason why a capsule is not stuck and what to do instead */
async function explainNotStuck(database: Database, capsuleId: string, signal: AbortSignal): Promise<never> {
  const { capsule, jobs, deadLetters, film } = await readCapsuleHistory(database, capsuleId, signal);
  if (capsule === null) throw new KeepsakeError("capsule-not-found", `There is no capsule ${capsuleId}.`);
  const [job] = jobs;
  const [letter] = deadLetters;
  let why = `${film?.state === "cancelled" ? "was cancelled" : "was given up"}: \`keepsake enqueue ${capsuleId}\` makes its film after all`;
  if (capsule.status !== "closed") why = `is ${capsule.status}, not closed`;
  else if (job !== undefined) why = `already has a job, ${job.msgId}`;
  else if (letter !== undefined)
    why = `has a dead letter: \`keepsake failed retry ${letter.msgId}\` puts it back into the queue`;
  throw new KeepsakeError("capsule-not-stuck", `Capsule ${capsuleId} ${why}.`);
}
