import path from "node:path";
import { fileURLToPath } from "node:url";

import { defineCommand } from "citty";

import { readConfig } from "../settings/config.js";
import { requireStorage } from "../settings/require-setting.js";
import { closeCapsule, insertSampleCapsule, readCapsuleRow } from "../demo/sample-database.js";
import { makeSampleMedia } from "../demo/sample-media.js";
import { openEmbeddedDatabase } from "../embedded/embedded-database.js";
import { KeepsakeError } from "../errors.js";
import { makeFolder } from "../files/make-folder.js";
import { migrate } from "../database/migrate.js";
import { readPgmqSql } from "../embedded/pgmq-sql.js";
import { openDatabase } from "../database/open-database.js";
import { listFilms } from "../operator/list-films.js";
import { createStore } from "../worker/create-store.js";
import { work } from "../worker/run-worker.js";
import { jsonArgument, logOf, printJson, type CommandContext } from "./context.js";
import { formatArguments, formatSettings, optionNames } from "./line/format-arguments.js";
import { openProgressView } from "./format/progress-view.js";

/** The id is constant, so that the sample's film always has the same name. */
const capsuleId = "5f0c7a52-8e0e-4a54-9d0b-6d1f3d4c9a10";

export function createDemoCommand(context: CommandContext) {
  return defineCommand({
    meta: {
      name: "demo",
      description: "Make a film of a sample capsule with an embedded database; needs only Node and npm.",
    },
    args: {
      ...formatArguments,
      ...jsonArgument,
      folder: { type: "string", description: "Folder for the sample and its film.", default: "demo-film" },
    },
    async run({ args }) {
      const { signal } = context;
      const folder = path.resolve(args.folder);
      const announce = (line: string) => context.screen.write(`${line}\n`);
      const settings = formatSettings(args);
      const config = readConfig(
        { ...demoEnvironment(context.environment, folder), ...settings },
        optionNames(settings),
      );
      const store = createStore(requireStorage(config));
      await makeFolder(folder, 0o777);

      announce("Starting an embedded PostgreSQL and making the sample's media.");
      await using server = await openEmbeddedDatabase({ signal });
      await using database = openDatabase(server.url, { applicationName: "keepsake demo" });
      await insertSampleCapsule(database, capsuleId);
      await migrate(database, { enqueueTrigger: true, pgmqSql: readPgmqSql, signal });
      await makeSampleMedia(folder, { signal });
      await closeCapsule(database, capsuleId);
      announce("The capsule is closed, and its job waits in video_jobs_queue. A worker claims it.");

      using view = openProgressView(context.screen, config.progressSeconds);
      await work({
        config,
        database,
        store,
        log: logOf(context, config.logLevel).child({ worker: config.worker.name }),
        signal,
        stopWhenEmpty: true,
        onProgress: (_capsule, progress) => view.show("film", progress),
      });
      signal.throwIfAborted();

      const row = await readCapsuleRow(database, capsuleId);
      const [film] = await listFilms(database, { limit: 1 }, signal);
      if (row.finalVideoUrl === null || film === undefined) {
        throw new KeepsakeError(
          "internal",
          "The demo's worker ended without a film: see the log above for the reason.",
        );
      }
      const result = {
        capsuleId,
        status: row.status,
        finalVideoUrl: row.finalVideoUrl,
        film: fileURLToPath(row.finalVideoUrl.replace(/\?.*$/, "")),
        durationSeconds: film.durationSeconds,
      };
      if (args.json) {
        printJson(context, result);
        return;
      }
      context.print("The row of public.capsules as published:");
      for (const [name, value] of Object.entries(row)) context.print(`  ${name.padEnd(16)} ${value}`);
      context.print(`The film (${film.durationSeconds?.toFixed(1)} s): ${result.film}`);
    },
  });
}

/** Passes only settings of films, so that the demo does not use a real project. */
function demoEnvironment(environment: CommandContext["environment"], folder: string) {
  const passed = [
    "KEEPSAKE_QUALITY",
    "KEEPSAKE_SIZE",
    "KEEPSAKE_FPS",
    "KEEPSAKE_THEME",
    "KEEPSAKE_LANGUAGE",
    "KEEPSAKE_MUSIC",
    "KEEPSAKE_MAX_FILM_BYTES",
    "KEEPSAKE_CORES",
    "KEEPSAKE_WORK_FOLDER",
    "KEEPSAKE_PROGRESS_SECONDS",
  ];
  return {
    ...Object.fromEntries(passed.map((name) => [name, environment[name]])),
    KEEPSAKE_LOG: environment["KEEPSAKE_LOG"] ?? "warn",
    KEEPSAKE_STORAGE_FOLDER: folder,
    KEEPSAKE_MEDIA_BUCKETS: "media",
    // No other worker would take over the film, so Ctrl-C ends the demo at once.
    KEEPSAKE_DRAIN_SECONDS: "0",
  };
}
