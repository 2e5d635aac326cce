import { setTimeout as sleep } from "node:timers/promises";

import { defineCommand } from "citty";

import { readStatus } from "../operator/read-status.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { formatStatus } from "./format/format-status.js";
import { openReadyDatabase } from "./open-ready-database.js";

/** Each refresh costs one query, so a watching operator costs as much as two idle workers. */
const watchSeconds = 5;

export function createStatusCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "status", description: "Show the queue, running films, workers and failures." },
    args: {
      watch: {
        type: "boolean",
        description: `Refresh every ${watchSeconds} s until stopped.`,
        default: false,
      },
      ...jsonArgument,
    },
    async run({ args }) {
      const { signal } = context;
      await using database = await openReadyDatabase(configOf(context), signal);
      for (;;) {
        const status = await readStatus(database, signal);
        if (args.json) printJson(context, status);
        else {
          if (args.watch) context.clear();
          for (const line of formatStatus(status, context.columns)) context.print(line);
        }
        if (!args.watch) return;
        await sleep(watchSeconds * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    },
  });
}
