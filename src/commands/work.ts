import { defineCommand } from "citty";

import { requireStorage } from "../require-setting.js";
import { toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import { createStore } from "../storage/create-store.js";
import type { FilmStore } from "../storage/film-store.js";
import { work } from "../worker.js";
import { configOf, jsonArgument, logOf, printJson, type CommandContext } from "./context.js";
import { openReadyDatabase } from "./open-ready-database.js";
import { openProgressView } from "./progress-view.js";

/** A wrong key or a missing bucket stops the start; storage that is out of reach for now does not. */
async function checkStore(store: FilmStore, log: Log, signal: AbortSignal): Promise<void> {
  try {
    await store.check(signal);
  } catch (error) {
    const ours = toKeepsakeError(error);
    if (ours.fault !== "world") throw error;
    log.warn({ code: ours.code }, ours.message);
  }
}

export function createWorkCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "work", description: "Take jobs from the queue and make films until stopped." },
    args: {
      ...jsonArgument,
      "until-empty": {
        type: "boolean",
        description: "Stop when no job can be taken and no film is being made here.",
        default: false,
      },
    },
    async run({ args }) {
      const config = configOf(context);
      const store = createStore(requireStorage(config));
      const log = logOf(context, config.logLevel).child({ worker: config.worker.name });
      await checkStore(store, log, context.signal);
      await using database = await openReadyDatabase(config, context.signal);
      using view = openProgressView(context.screen);
      log.info({ films: store.description, slots: config.worker.slots }, "working");
      if (config.storage?.kind === "supabase" && config.media.places.includes("*")) {
        log.warn(
          "messages may name files of every bucket: set KEEPSAKE_MEDIA_BUCKETS to those where contributors' files are",
        );
      }
      const summary = await work({
        config,
        database,
        store,
        log,
        signal: context.signal,
        // Elsewhere the log says what happens.
        ...(context.screen.isTTY && { onProgress: (capsuleId, progress) => view.show(capsuleId, progress) }),
        stopWhenEmpty: args["until-empty"],
      });
      if (args.json) printJson(context, summary);
      log.info(summary, "stopped");
    },
  });
}
