import type { CapsuleContent } from "../../dist/capsule/content.js";
import type { DiskCache } from "../../dist/cache/disk-cache.js";
import type { Film } from "../../dist/film/model/film.js";
import { makeFilm, type MakeFilmRequest } from "../../dist/film/make-film.js";
import type { Log } from "../../dist/log.js";
import type { ReportProgress } from "../../dist/progress.js";
import { type FilmConfig, readConfig } from "../../dist/settings/config.js";
import { noMusic } from "../../dist/worker/open-music.js";
import { createCapsuleFetcher, filmSettingsFor, prepareFilm } from "../../dist/worker/render-capsule.js";

export interface RenderCapsuleOptions {
  readonly content: CapsuleContent;
  /** Folder that references to media are relative to. */
  readonly media: string;
  readonly settings: FilmConfig;
  readonly cache: DiskCache;
  /** Processes that decode, draw or encode at the same time. */
  readonly cores: number;
  /** Private and existing folder; the film is written there. */
  readonly folder: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onProgress?: ReportProgress;
}

export interface RenderedCapsule {
  readonly film: Film;
  /** The request that the film was made from. */
  readonly request: MakeFilmRequest;
}

/**
 * Makes a film of media in a folder as `keepsake render` does, without music and without recognising speech.
 *
 * @throws KeepsakeError those of the film; the signal's reason
 */
export async function renderCapsule(options: RenderCapsuleOptions): Promise<RenderedCapsule> {
  const request = await prepareCapsule(options);
  return { film: await makeFilm(request), request };
}

/** Fetches and decodes the files of a capsule from a folder, and makes no film. */
export async function prepareCapsule(options: RenderCapsuleOptions): Promise<MakeFilmRequest> {
  const { content, media, settings: film, log } = options;
  const config = readConfig({});
  const tools = { recogniser: null, music: noMusic };
  return await prepareFilm({
    onProgress: () => undefined,
    ...options,
    ...tools,
    settings: filmSettingsFor({ content, log, ...tools }, { ...config, film }),
    fetcher: createCapsuleFetcher(config, null, content.capsule.id, media),
    // Benchmarks make films that are longer than real ones.
    limits: { maxBytes: Infinity, maxPreparedBytes: Infinity },
    timeoutSeconds: null,
    isLast: true,
  });
}
