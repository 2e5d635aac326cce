import { defineCommand } from "citty";

import { checkPublishable } from "../worker/check-setup.js";
import type { Config } from "../settings/config.js";
import type { Database } from "../database/database.js";
import { requireStorage } from "../settings/require-setting.js";
import { toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import { createStore } from "../worker/create-store.js";
import { noAttempts, type ConsumeSummary } from "../queue/consumer.js";
import type { FilmStore, StoreFindings } from "../storage/film-store.js";
import { surveyMedia } from "../worker/survey-media.js";
import { work } from "../worker/run-worker.js";
import { awaitReadyDatabase } from "./await-ready-database.js";
import { saySuggestion } from "./say-suggestion.js";
import { configOf, jsonArgument, logOf, printJson, type CommandContext } from "./context.js";
import { openProgressView } from "./progress-view.js";
import { findUnknownSettings } from "./unknown-settings.js";

/**
 * A wrong key or a missing bucket stops the start; storage that is out of reach for now does not.
 * @returns null where it is, and nothing is known of it yet
 */
async function checkStore(store: FilmStore, log: Log, signal: AbortSignal): Promise<StoreFindings | null> {
  try {
    return await store.check(signal);
  } catch (error) {
    const ours = toKeepsakeError(error);
    if (ours.fault !== "world") throw error;
    log.warn({ code: ours.code }, ours.message);
    return null;
  }
}

/** What is wrong with the addresses in messages costs files and no film, so it stops nothing. */
async function warnOfMedia(
  { media }: Config,
  database: Database,
  store: FilmStore,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { findings, suggestion } = await surveyMedia({ database, store, media, signal });
    for (const finding of findings) log.warn(finding);
    if (findings.length > 0 && suggestion !== null) log.warn(saySuggestion(suggestion));
  } catch (error) {
    if (!signal.aborted)
      log.warn({ code: toKeepsakeError(error).code }, "the newest messages could not be looked at");
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
      for (const sentence of findUnknownSettings(context.environment)) log.warn(sentence);
      const findings = await checkStore(store, log, context.signal);
      await using database = await awaitReadyDatabase(config, log, context.signal);
      if (database === null) {
        const nothing: ConsumeSummary = { outcomes: noAttempts(), orphaned: 0, maxHeartbeatDelaySeconds: 0 };
        if (args.json) printJson(context, nothing);
        log.info("stopped before the database could be reached");
        return;
      }
      if (findings !== null) {
        const lacking = await checkPublishable(database, store, findings, context.signal);
        for (const sentence of lacking) log.warn(sentence);
      }
      await warnOfMedia(config, database, store, log, context.signal);
      using view = openProgressView(context.screen);
      log.info({ films: store.description, slots: config.worker.slots }, "working");
      const summary = await work({
        config,
        database,
        store,
        log,
        signal: context.signal,
        isSetupChecked: findings !== null,
        // Elsewhere the log says what happens.
        ...(context.screen.isTTY && { onProgress: (capsuleId, progress) => view.show(capsuleId, progress) }),
        stopWhenEmpty: args["until-empty"],
      });
      if (args.json) printJson(context, summary);
      log.info(summary, "stopped");
    },
  });
}
