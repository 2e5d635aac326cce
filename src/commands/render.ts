import { copyFile } from "node:fs/promises";
import path from "node:path";

import { defineCommand } from "citty";

import { isUuid } from "../capsule/is-uuid.js";
import type { CapsuleContent } from "../capsule/content.js";
import { createDiskCache } from "../cache/disk-cache.js";
import { loadCapsule } from "../capsule/load.js";
import { parseRows } from "../capsule/parse-rows.js";
import type { Config } from "../settings/config.js";
import { KeepsakeError } from "../errors.js";
import type { Film } from "../film/model/film.js";
import { makeFolder } from "../files/make-folder.js";
import { openMusic } from "../worker/open-music.js";
import { createCapsuleFetcher, filmSettingsFor, renderCapsule } from "../worker/render-capsule.js";
import { createRecogniser } from "../speech/create-recogniser.js";
import { createStageClock } from "../worker/stage-clock.js";
import { createStore } from "../worker/create-store.js";
import { openWorkFolder } from "../files/work-folder.js";
import { configOf, jsonArgument, logOf, printJson, type CommandContext } from "./context.js";
import { formatArguments, formatSettings, optionNames } from "./line/format-arguments.js";
import { openReadyDatabase } from "./open-ready-database.js";
import { readCapsuleJson } from "./line/read-capsule-json.js";
import { openProgressView } from "./format/progress-view.js";

export function createRenderCommand(context: CommandContext) {
  return defineCommand({
    meta: { name: "render", description: "Make a film without the queue and without publishing it." },
    args: {
      capsule: {
        type: "positional",
        required: true,
        description:
          "A capsule.json ({capsule: row, messages: [rows]}) or the id of a capsule in the database.",
        valueHint: "capsule.json|capsule-id",
      },
      out: { type: "string", required: true, description: "File name of the film, e.g. film.mp4." },
      ...formatArguments,
      ...jsonArgument,
    },
    async run({ args }) {
      const settings = formatSettings(args);
      const config = configOf(context, settings, optionNames(settings));
      const out = path.resolve(readOut(args.out));
      const { content, relativeTo } = await readSource(args.capsule, config, context.signal);
      const log = logOf(context, config.logLevel === "info" ? "warn" : config.logLevel);
      const store = config.storage === null ? null : createStore(config.storage);
      const recogniser = config.recogniser === null ? null : await createRecogniser(config.recogniser);
      await using music = await openMusic(config, context.signal);
      await using folder = await openWorkFolder(config.workFolder);
      using view = openProgressView(context.screen, config.progressSeconds);
      const clock = createStageClock((progress) => view.show(path.basename(out), progress));
      const made = await renderCapsule({
        content,
        settings: filmSettingsFor({ content, recogniser, music, log }, config),
        recogniser,
        music,
        cache: createDiskCache({ ...config.cache, log }).ownedBy(content.capsule.id),
        fetcher: createCapsuleFetcher(config, store, content.capsule.id, relativeTo),
        limits: config.media,
        cores: config.cores,
        timeoutSeconds: null,
        // There is no later attempt, so a file that is out of reach now is shown as missing.
        isLast: true,
        folder: folder.path,
        signal: context.signal,
        onProgress: clock.report,
        log,
      });
      const poster = out.replace(/(\.mp4)?$/i, ".jpg");
      const captions = out.replace(/(\.mp4)?$/i, ".vtt");
      await makeFolder(path.dirname(out), 0o777);
      await copyFile(made.film, out);
      await copyFile(made.poster, poster);
      await copyFile(made.captions, captions);
      const film = { ...made, film: out, poster, captions, timings: clock.timings() };
      if (args.json) {
        printJson(context, film);
        return;
      }
      context.print(
        `${out}: ${film.durationSeconds.toFixed(1)} s, ${(film.sizeBytes / 2 ** 20).toFixed(1)} MiB`,
      );
      for (const warning of film.warnings) {
        context.print(`warning: ${ownerOf(warning)}, ${warning.field}: ${warning.reason} [${warning.code}]`);
      }
    },
  });
}

function ownerOf({ messageId }: Film["warnings"][number]): string {
  return messageId === null ? "capsule" : `message ${messageId}`;
}

/** @throws KeepsakeError `usage` for a name that does not end in .mp4 */
function readOut(out: string): string {
  if (/[^/\\]\.mp4$/i.test(out)) return out;
  throw new KeepsakeError("usage", `--out "${out}" is not the name of an MP4 file; use e.g. --out film.mp4.`);
}

interface Source {
  readonly content: CapsuleContent;
  /** Folder of the capsule file, the only place where media may be named by relative paths; null for other sources. */
  readonly relativeTo: string | null;
}

async function readSource(capsule: string, config: Config, signal: AbortSignal): Promise<Source> {
  if (isUuid(capsule)) {
    await using database = await openReadyDatabase(config, signal);
    const { content } = await loadCapsule(database, capsule, signal);
    return { content, relativeTo: null };
  }
  const file = path.resolve(capsule);
  return { content: await readCapsuleFile(file), relativeTo: path.dirname(file) };
}

async function readCapsuleFile(file: string): Promise<CapsuleContent> {
  const { capsule, messages } = (await readCapsuleJson(file)) as { capsule?: unknown; messages?: unknown };
  return parseRows(capsule, messages);
}
