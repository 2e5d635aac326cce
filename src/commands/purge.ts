import { defineCommand } from "citty";

import { countPurgeable, purgeQueue } from "../operator/purge.js";
import { confirmArgument, confirmCount } from "./line/confirm-count.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";
import { counted } from "./format/counted.js";
import { openReadyDatabase } from "./open-ready-database.js";

export function createPurgeCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "purge",
      description: "Cancel all waiting jobs: they are archived, and their films are marked as cancelled.",
    },
    args: {
      ...confirmArgument,
      running: { type: "boolean", description: "Also stop the films that are being made.", default: false },
      ...jsonArgument,
    },
    async run({ args }) {
      const config = configOf(context);
      const { signal } = context;
      await using database = await openReadyDatabase(config, signal);
      const purgeable = await countPurgeable(database, signal);
      const count = purgeable.waiting + (args.running ? purgeable.running : 0);
      if (count > 0 || args.confirm !== undefined) {
        const running = args.running ? `, ${counted(purgeable.running, "running film")} with them` : "";
        await confirmCount(
          context,
          count,
          `${counted(count, "job")} would be cancelled${running}`,
          args.confirm,
        );
      }
      const purged = await purgeQueue(
        database,
        purgeable,
        { withRunning: args.running, doneBy: config.operator },
        signal,
      );
      if (args.json) {
        printJson(context, purged);
        return;
      }
      context.print(`${counted(purged.archived, "job")} archived.`);
      if (purged.stopping > 0) {
        context.print(`${counted(purged.stopping, "running film")} will stop at the next heartbeat.`);
      } else if (purgeable.running > 0) {
        context.print(`${counted(purgeable.running, "running film")} continue; --running stops them too.`);
      }
    },
  });
}
