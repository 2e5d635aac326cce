import { readFile } from "node:fs/promises";
import path from "node:path";
import { performance } from "node:perf_hooks";

import { noCache } from "../../dist/cache/disk-cache.js";
import { planFilm } from "../../dist/film/plan/plan-film.js";
import { createLog } from "../../dist/log.js";
import type { FilmConfig } from "../../dist/settings/config.js";
import { prepareCapsule } from "../bench/render-capsule.js";
import type { ExamineOptions } from "./examine-file.js";
import { wordsCapsule } from "./words-capsule.js";

export interface ExaminedWords {
  /** Of the film that they are set for. */
  readonly durationSeconds: number;
  readonly milliseconds: number;
}

/** Of a file, from all over it: enough to try its every kind of line. */
const mostMessages = 12;

/**
 * Sets the words of a file as those of a capsule's messages, and plans their film.
 *
 * @throws KeepsakeError as `parseRows` and `planFilm`; the signal's reason
 */
export async function examineWords(
  file: string,
  { corpus, folder, signal }: ExamineOptions,
  settings: FilmConfig,
): Promise<ExaminedWords> {
  const startMs = performance.now();
  const content = wordsCapsule(await readFile(path.join(corpus, file), "utf8"), mostMessages);
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
