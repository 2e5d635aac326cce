import { defineCommand } from "citty";

import { requireDatabaseUrl } from "../require-setting.js";
import { migrate, printMigrations } from "../database/migrate.js";
import { openDatabase } from "../database/open-database.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";

export function createMigrateCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "migrate",
      description: "Create the queue and the schema `keepsake`; does nothing when both stand.",
    },
    args: {
      ...jsonArgument,
      print: {
        type: "boolean",
        description: "Print the SQL, for a file in supabase/migrations/, and touch nothing.",
        default: false,
      },
      "enqueue-trigger": {
        type: "boolean",
        description: "Also install the trigger that enqueues a capsule when its status becomes `closed`.",
        default: false,
      },
    },
    async run({ args }) {
      if (args.print) {
        const statements = await printMigrations({ enqueueTrigger: args["enqueue-trigger"] });
        for (const line of statements.split("\n")) context.print(line);
        return;
      }
      await using database = openDatabase(requireDatabaseUrl(configOf(context)), {
        applicationName: "keepsake migrate",
      });
      const result = await migrate(database, {
        enqueueTrigger: args["enqueue-trigger"],
        signal: context.signal,
      });
      if (args.json) {
        printJson(context, result);
        return;
      }
      for (const name of result.applied) context.print(`applied ${name}`);
      for (const notice of result.notices) context.print(`note: ${notice}`);
      if (result.applied.length === 0) context.print("The database is up to date.");
      if (args["enqueue-trigger"]) context.print("A capsule is enqueued when its status becomes closed.");
    },
  });
}
