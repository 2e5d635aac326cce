/**
 * Makes a film on disk from a capsule's rows, for `work`, `render` and the benchmarks. The files of the capsule are fetched
 * and decoded first. Their hashes are part of the film's fingerprint. Then the film is made from them.
 */
import { createFetcher, type CapsuleFetcher } from "../assets/fetch/create-fetcher.js";
import { defaultFetchLimits } from "../assets/fetch/fetch-limits.js";
import { listReferences } from "../assets/list-columns.js";
import { prepareAssets } from "../assets/prepare-assets.js";
import type { DiskCache } from "../cache/disk-cache.js";
import type { CapsuleContent } from "../capsule/content.js";
import { fingerprintOf } from "../film/fingerprint.js";
import { makeFilm, type MakeFilmRequest } from "../film/make-film.js";
import type { Film } from "../film/model/film.js";
import type { FilmSettings } from "../film/model/film-settings.js";
import { watchLength } from "../film/plan/film-length.js";
import { chooseTheme } from "../film/theme/choose-theme.js";
import type { Log } from "../log.js";
import type { ReportProgress } from "../progress.js";
import type { Config, MediaConfig } from "../settings/config.js";
import type { Recogniser } from "../speech/recogniser.js";
import type { FilmStore } from "../storage/film-store.js";
import type { Music } from "./open-music.js";

/** Cache, speech recogniser and music, which films of different capsules share. */
export interface FilmTools {
  readonly cache: DiskCache;
  readonly recogniser: Recogniser | null;
  readonly music: Pick<Music, "name" | "sound">;
}

export interface RenderCapsuleOptions extends FilmTools {
  readonly content: CapsuleContent;
  readonly settings: FilmSettings;
  readonly fetcher: CapsuleFetcher;
  readonly limits: Pick<MediaConfig, "maxBytes" | "maxPreparedBytes">;
  /** Processes that decode, draw or encode at the same time. */
  readonly cores: number;
  /** Seconds that the whole attempt may take; null: no limit. */
  readonly timeoutSeconds: number | null;
  /** Whether a file that is out of reach is left out instead of failing this attempt. */
  readonly isLast: boolean;
  /** Private and existing folder; all files of the film, the result included, are written there. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress: ReportProgress;
  readonly log: Log;
}

/**
 * @throws KeepsakeError those of `prepareFilm` and `makeFilm`; the signal's reason
 */
export async function renderCapsule(options: RenderCapsuleOptions): Promise<Film> {
  return await makeFilm(await prepareFilm(options));
}

/**
 * Fetches and decodes the files of a capsule.
 * @param publishedSeconds length of the published film: a new film of the same length is not rejected here, because it may
 *   be the same film
 * @returns the request for `makeFilm`, with the fingerprint of the film
 * @throws KeepsakeError `film-too-long`, `media-setup`, and those of `prepareAssets`; the signal's reason
 */
export async function prepareFilm(
  options: RenderCapsuleOptions,
  publishedSeconds = 0,
): Promise<MakeFilmRequest> {
  const { content, settings, fetcher, limits, cores, timeoutSeconds, folder, signal } = options;
  const { recogniser, music, cache, isLast, onProgress, log } = options;
  const length = watchLength(content.messages, {
    ...settings,
    maxSeconds: Math.max(settings.maxSeconds, publishedSeconds),
  });
  await fetcher.rejectUndecided(listReferences(content), signal);
  const { assets, decodePhotos } = await prepareAssets({
    content,
    fetcher,
    maxMediaBytes: limits.maxBytes,
    maxPreparedBytes: limits.maxPreparedBytes,
    onPrepared: length.update,
    folder,
    cache,
    concurrency: cores,
    signal,
    isLast,
    onProgress,
    log,
  });
  return {
    content,
    assets,
    decodePhotos,
    settings,
    fingerprint: fingerprintOf(content, assets, settings),
    music: music.sound,
    recogniser,
    cache,
    cores,
    maxAttemptSeconds: timeoutSeconds,
    folder,
    signal,
    onProgress,
  };
}

/** Returns the settings of one film: the capsule's row may name another theme, and the tools add their identities. */
export function filmSettingsFor(
  { content, recogniser, music, log }: Pick<RenderCapsuleOptions, "content" | "recogniser" | "music" | "log">,
  { film, themes }: Pick<Config, "film" | "themes">,
): FilmSettings {
  const { captionLanguage, strict, ...others } = chooseTheme(film, themes, content.capsule, log);
  // The fingerprint depends on the order of these fields.
  return {
    ...others,
    recogniser: recogniser?.identity ?? null,
    music: music.name,
    captionLanguage,
    strict,
  };
}

/**
 * @param capsuleId messages may name private files that have this id in their path
 * @param relativeTo folder of the files that messages name by relative paths; null: relative paths are rejected
 */
export function createCapsuleFetcher(
  { media, worker }: Pick<Config, "media" | "worker">,
  store: FilmStore | null,
  capsuleId: string,
  relativeTo: string | null = null,
): CapsuleFetcher {
  const objects = store && {
    reader: store.objects,
    places: media.places,
    capsuleId,
    filmsBucket: store.bucket,
  };
  return createFetcher({
    objects,
    allowedHosts: media.hosts,
    ownOrigin: store?.origin ?? null,
    limits: {
      maxBytes: media.maxFileBytes,
      // The other half of the time is for making the film.
      totalSeconds: Math.min(defaultFetchLimits.totalSeconds, worker.filmTimeoutSeconds / 2),
    },
    ...(relativeTo !== null && { relativeTo }),
  });
}
