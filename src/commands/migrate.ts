import { defineCommand } from "citty";

import { KeepsakeError } from "../errors.js";
import type { Config } from "../settings/config.js";
import { requireDatabaseUrl } from "../settings/require-setting.js";
import type { Database } from "../database/database.js";
import { migrate } from "../database/migrate.js";
import { openDatabase } from "../database/open-database.js";
import { readPgmqSql } from "../embedded/pgmq-sql.js";
import { printMigrations } from "../database/print-migrations.js";
import { createStore } from "../worker/create-store.js";
import { surveyMedia } from "../worker/survey-media.js";
import { formatSuggestion } from "./format/format-suggestion.js";
import { configOf, jsonArgument, printJson, type CommandContext } from "./context.js";

export function createMigrateCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "migrate",
      description: "Create the queues and the schema `keepsake`, as far as they are missing.",
    },
    args: {
      ...jsonArgument,
      print: {
        type: "boolean",
        description: "Print the SQL for a file in supabase/migrations/ and change nothing.",
        default: false,
      },
      since: {
        type: "string",
        description: "With --print: only migrations newer than this one, the last that was printed before.",
        valueHint: "name",
      },
      "enqueue-trigger": {
        type: "boolean",
        description: "Also install the trigger that enqueues a capsule when its status becomes `closed`.",
        default: false,
      },
      private: {
        type: "boolean",
        description:
          "If the bucket for films does not exist yet, create it as a private one: the app must sign the URLs of films.",
        default: false,
      },
      "make-private": {
        type: "boolean",
        description: "Also make an existing public bucket private: public URLs of films stop working.",
        default: false,
      },
    },
    async run({ args }) {
      const config = configOf(context);
      const options = {
        bucket: config.filmBucket,
        privateBucket: args["make-private"] ? "existing" : args.private ? "new" : null,
        enqueueTrigger: args["enqueue-trigger"],
      } as const;
      if (options.privateBucket !== null && options.bucket === null) {
        throw new KeepsakeError(
          "usage",
          "There is no bucket to make private: films are stored in the folder KEEPSAKE_STORAGE_FOLDER.",
        );
      }
      if (args.print) {
        const { since } = args;
        const statements = await printMigrations({ ...options, ...(since !== undefined && { since }) });
        for (const line of statements.split("\n")) context.print(line);
        return;
      }
      await using database = openDatabase(requireDatabaseUrl(config), {
        applicationName: "keepsake migrate",
      });
      // Only a development checkout has PGMQ's SQL; elsewhere a server without the extension is an error.
      const result = await migrate(database, { ...options, pgmqSql: readPgmqSql, signal: context.signal });
      if (result.problems.length > 0) context.exitWith("databaseNotReady");
      const suggestion =
        result.problems.length > 0 ? null : await suggestMediaBuckets(database, config, context.signal);
      if (args.json) {
        printJson(context, { ...result, suggestion });
        return;
      }
      for (const name of result.applied) context.print(`applied ${name}`);
      for (const sentence of result.done) context.print(sentence);
      for (const notice of result.notices) context.print(`note: ${notice}`);
      for (const { message } of result.problems) context.print(message);
      if (result.applied.length + result.done.length + result.problems.length === 0)
        context.print("The database is up to date.");
      if (suggestion !== null) context.print(formatSuggestion(suggestion));
      if (result.enqueueTrigger) context.print("A capsule is enqueued when its status becomes closed.");
    },
  });
}

/** Returns null where Storage or the app's tables cannot be read, because the database is ready even then. */
async function suggestMediaBuckets(
  database: Database,
  { storage, media }: Config,
  signal: AbortSignal,
): Promise<string | null> {
  if (storage === null || media.places !== null) return null;
  try {
    return (await surveyMedia({ database, store: createStore(storage), media, signal })).suggestion;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
