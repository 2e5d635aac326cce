import { defineCommand } from "citty";

import { pauseQueue } from "../operator/operate.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { formatAgo } from "./format/format-time.js";
import { openReadyDatabase } from "./open-ready-database.js";

export function createPauseCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "pause",
      description: "Stop workers from claiming jobs; films that are being made continue.",
    },
    args: {
      reason: { type: "string", description: "Reason to show in `keepsake status`.", valueHint: "text" },
      ...jsonArgument,
    },
    async run({ args }) {
      const config = configOf(context);
      await using database = await openReadyDatabase(config, context.signal);
      const paused = await pauseQueue(database, args.reason?.trim() || null, context.signal, config.operator);
      if (args.json) {
        printJson(context, paused);
        return;
      }
      context.print(
        paused.wasPaused
          ? `The queue was already paused ${formatAgo(paused.pausedAt)}.`
          : "The queue is paused: no job is claimed. Films that are being made continue.",
      );
      context.print("`keepsake resume` lets workers claim jobs again.");
    },
  });
}
