import { defineCommand } from "citty";

import { enqueueCapsule } from "../queue/enqueue.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { openReadyDatabase } from "./open-ready-database.js";

export function createEnqueueCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "enqueue", description: "Put a closed capsule into the queue, as the app does." },
    args: {
      capsule: {
        type: "positional",
        required: true,
        description: "Id of the capsule.",
        valueHint: "capsule-id",
      },
      ...jsonArgument,
    },
    async run({ args }) {
      await using database = await openReadyDatabase(configOf(context), context.signal);
      const { msgId } = await enqueueCapsule(database, args.capsule, context.signal);
      if (args.json) printJson(context, { msgId });
      else context.print(`Capsule ${args.capsule} waits as job ${msgId}.`);
    },
  });
}
