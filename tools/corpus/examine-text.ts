import { readFile } from "node:fs/promises";
import path from "node:path";
import { performance } from "node:perf_hooks";

import { noCache } from "../../dist/cache/disk-cache.js";
import { planFilm } from "../../dist/film/plan/plan-film.js";
import { createLog } from "../../dist/log.js";
import type { FilmConfig } from "../../dist/settings/config.js";
import { prepareCapsule } from "../bench/render-capsule.js";
import type { ExamineOptions } from "./examine-file.js";
import { textCapsule } from "./text-capsule.js";

export interface ExaminedText {
  /** Length of the film that the text is laid out for. */
  readonly durationSeconds: number;
  readonly milliseconds: number;
}

/** Messages made of one file, spread over it: enough for each kind of line in it. */
const maxMessages = 12;

/**
 * Plans the film of a capsule whose messages are the lines of a file.
 *
 * @throws KeepsakeError those of `parseRows` and `planFilm`; the signal's reason
 */
export async function examineText(
  file: string,
  { corpus, folder, signal }: ExamineOptions,
  settings: FilmConfig,
): Promise<ExaminedText> {
  const startMs = performance.now();
  const content = textCapsule(await readFile(path.join(corpus, file), "utf8"), maxMessages);
  const { storyboard } = await planFilm(
    await prepareCapsule({
      content,
      media: corpus,
      settings,
      cache: noCache,
      cores: 1,
      folder,
      log: createLog("silent", false),
      signal,
    }),
  );
  return {
    durationSeconds: storyboard.frameCount / settings.fps,
    milliseconds: Math.round(performance.now() - startMs),
  };
}
