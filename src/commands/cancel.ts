import { defineCommand } from "citty";

import { KeepsakeError } from "../errors.js";
import { cancelCapsule, type Cancelled } from "../operator/operate.js";
import { capsuleArgument, readCapsuleId } from "./line/capsule-argument.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { counted } from "./format/counted.js";
import { openReadyDatabase } from "./open-ready-database.js";

export function createCancelCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "cancel",
      description: "Cancel the film of a capsule: its waiting jobs are archived, a running film stops.",
    },
    args: { capsule: capsuleArgument, ...jsonArgument },
    async run({ args }) {
      const capsuleId = readCapsuleId(args.capsule);
      const config = configOf(context);
      await using database = await openReadyDatabase(config, context.signal);
      const cancelled = await cancelCapsule(database, capsuleId, context.signal, config.operator);
      if (cancelled.capsuleStatus === null && cancelled.archived + cancelled.stopping === 0) {
        throw new KeepsakeError("capsule-not-found", `There is no capsule ${capsuleId}.`);
      }
      if (args.json) printJson(context, cancelled);
      else for (const line of describe(capsuleId, cancelled)) context.print(line);
    },
  });
}

function* describe(capsuleId: string, { archived, stopping, capsuleStatus }: Cancelled): Generator<string> {
  if (archived > 0) yield `${counted(archived, "waiting job")} of capsule ${capsuleId} archived.`;
  if (stopping > 0) yield "Its film is being made; it stops at the worker's next heartbeat.";
  if (archived + stopping === 0) {
    yield `Capsule ${capsuleId} (${capsuleStatus}) has no job: there was nothing to cancel.`;
  } else {
    yield `\`keepsake enqueue ${capsuleId}\` makes its film after all.`;
  }
}
