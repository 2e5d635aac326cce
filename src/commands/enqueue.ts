import { defineCommand } from "citty";

import { enqueueCapsule } from "../queue/enqueue.js";
import { capsuleArgument, readCapsuleId } from "./capsule-argument.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { openReadyDatabase } from "./open-ready-database.js";

export function createEnqueueCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "enqueue", description: "Put a closed capsule into the queue, as the app does." },
    args: {
      capsule: capsuleArgument,
      ...jsonArgument,
    },
    async run({ args }) {
      const capsuleId = readCapsuleId(args.capsule);
      await using database = await openReadyDatabase(configOf(context), context.signal);
      const { msgId } = await enqueueCapsule(database, capsuleId, context.signal);
      if (args.json) printJson(context, { msgId });
      else context.print(`Capsule ${capsuleId} waits as job ${msgId}.`);
    },
  });
}
