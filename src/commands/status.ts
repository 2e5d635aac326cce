import { defineCommand } from "citty";

import { queueStatus } from "../queue/queue-status.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { openReadyDatabase } from "./open-ready-database.js";

export function createStatusCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "status", description: "What waits in the queue, what is being made, what failed." },
    args: { ...jsonArgument },
    async run({ args }) {
      await using database = await openReadyDatabase(configOf(context), context.signal);
      const status = await queueStatus(database, context.signal);
      if (args.json) {
        printJson(context, status);
        return;
      }
      for (const [name, value] of Object.entries(status)) context.print(`${name.padEnd(22)} ${value ?? "-"}`);
    },
  });
}
