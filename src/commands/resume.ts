import { defineCommand } from "citty";

import { resumeQueue } from "../operator/operate.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { formatAgo } from "./format/format-time.js";
import { openReadyDatabase } from "./open-ready-database.js";

export function createResumeCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "resume", description: "Let workers claim jobs again after a pause." },
    args: { ...jsonArgument },
    async run({ args }) {
      const config = configOf(context);
      await using database = await openReadyDatabase(config, context.signal);
      const pausedAt = await resumeQueue(database, context.signal, config.operator);
      if (args.json) printJson(context, { wasPaused: pausedAt !== null, pausedAt });
      else if (pausedAt === null) context.print("The queue was not paused.");
      else context.print(`Workers claim jobs again; the queue was paused ${formatAgo(pausedAt)}.`);
    },
  });
}
