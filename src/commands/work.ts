import { defineCommand } from "citty";

import { checkPublishable } from "../worker/check-setup.js";
import type { Config } from "../settings/config.js";
import type { Database } from "../database/database.js";
import { requireStorage } from "../settings/require-setting.js";
import { toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import { createStore } from "../worker/create-store.js";
import { zeroCounts, type ConsumeSummary } from "../queue/consumer.js";
import type { FilmStore, StoreFindings } from "../storage/film-store.js";
import { surveyMedia } from "../worker/survey-media.js";
import { work } from "../worker/run-worker.js";
import { awaitReadyDatabase } from "./await-ready-database.js";
import { formatSuggestion } from "./format/format-suggestion.js";
import { configOf, jsonArgument, logOf, printJson, type CommandContext } from "./context.js";
import { openProgressView } from "./format/progress-view.js";
import { findUnknownSettings } from "./line/unknown-settings.js";

/**
 * Checks the storage. A wrong key or a missing bucket stops the start; storage that is out of reach does not.
 * @returns null where the storage is out of reach
 */
async function checkStore(store: FilmStore, log: Log, signal: AbortSignal): Promise<StoreFindings | null> {
  try {
    return await store.check(signal);
  } catch (error) {
    const failure = toKeepsakeError(error);
    if (failure.fault !== "world") throw error;
    log.warn({ code: failure.code }, failure.message);
    return null;
  }
}

/** Warns of addresses in messages that will not work. Films lack these files but are made, so the start continues. */
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
    if (findings.length > 0 && suggestion !== null) log.warn(formatSuggestion(suggestion));
  } catch (error) {
    if (!signal.aborted)
      log.warn({ code: toKeepsakeError(error).code }, "the newest messages could not be read");
  }
}

export function createWorkCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "work", description: "Claim jobs from the queue and make films until stopped." },
    args: {
      ...jsonArgument,
      "until-empty": {
        type: "boolean",
        description: "Stop when no job can be claimed and this worker makes no film.",
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
        const summary: ConsumeSummary = { outcomes: zeroCounts(), orphaned: 0, maxHeartbeatDelaySeconds: 0 };
        if (args.json) printJson(context, summary);
        log.info("stopped before the database could be reached");
        return;
      }
      if (findings !== null) {
        const warnings = await checkPublishable(database, store, findings, context.signal);
        for (const sentence of warnings) log.warn(sentence);
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
        // Outside a terminal the log reports the progress.
        ...(context.screen.isTTY && { onProgress: (capsuleId, progress) => view.show(capsuleId, progress) }),
        stopWhenEmpty: args["until-empty"],
      });
      if (args.json) printJson(context, summary);
      log.info(summary, "stopped");
    },
  });
}
