import { createFetcher } from "../assets/fetch/create-fetcher.js";
import { prepareAssets } from "../assets/prepare-assets.js";
import type { DiskCache } from "../cache/disk-cache.js";
import type { CapsuleContent } from "../capsule/content.js";
import type { Film } from "../film/model/film.js";
import type { FilmSettings } from "../film/model/film-settings.js";
import { makeFilm, type MakeFilmRequest } from "../film/make-film.js";
import type { Log } from "../log.js";
import type { ReportProgress } from "../progress.js";

export interface RenderCapsuleOptions {
  readonly content: CapsuleContent;
  /** The folder that references to media are relative to. */
  readonly media: string;
  readonly settings: FilmSettings;
  readonly cache: DiskCache;
  /** Processes side by side. */
  readonly cores: number;
  /** Private and existing; the film lies in it. */
  readonly folder: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onProgress?: ReportProgress;
}

export interface RenderedCapsule {
  readonly film: Film;
  /** What the film was made of. */
  readonly request: MakeFilmRequest;
}

/**
 * Makes a film of media in a folder as `keepsake render` does, without music and without recognising speech.
 *
 * @throws KeepsakeError those of the film; the signal's reason
 */
export async function renderCapsule(options: RenderCapsuleOptions): Promise<RenderedCapsule> {
  const { media, settings, log, ...given } = options;
  const shared = { onProgress: () => undefined, ...given };
  const prepared = await prepareAssets({
    ...shared,
    fetcher: createFetcher({ objects: null, allowedHosts: [], ownOrigin: null, relativeTo: media }),
    concurrency: options.cores,
    isLast: true,
    log,
  });
  const request = {
    ...shared,
    ...prepared,
    settings,
    recogniser: null,
    music: null,
    maxAttemptSeconds: null,
  };
  return { film: await makeFilm(request), request };
}
