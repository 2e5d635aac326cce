/**
 * The worker joins what does not know each other: the queue hands it an attempt, `assets/` fetches what people
 * left, `film/` makes the film, `storage/` takes it, and the queue publishes. It decodes and draws nothing itself.
 */
import { join } from "node:path";

import type { PreparedAssets } from "../media/asset.js";
import { createFetcher } from "../assets/fetch/create-fetcher.js";
import { defaultFetchLimits } from "../assets/fetch/fetch-limits.js";
import { listReferences, prepareAssets } from "../assets/prepare-assets.js";
import { refuseUnconfigured } from "../assets/refuse-unconfigured.js";
import { isFileProblem } from "../capsule/content.js";
import { loadCapsule } from "../capsule/load.js";
import { createDiskCache, type DiskCache } from "../cache/disk-cache.js";
import { checkSetup } from "./check-setup.js";
import { createChildHealth } from "./child-health.js";
import type { Config } from "../settings/config.js";
import { createForgetter } from "./forget-removed.js";
import { chooseTheme } from "../film/theme/choose-theme.js";
import { watchLength } from "../film/plan/film-length.js";
import type { FilmSettings } from "../film/model/film-settings.js";
import { fingerprintOf } from "../film/fingerprint.js";
import { makeFilm } from "../film/make-film.js";
import { createLazyMusic } from "./lazy-music.js";
import type { Log } from "../log.js";
import { logProgress } from "./log-progress.js";
import type { Progress } from "../progress.js";
import { findShortage } from "./pre-flight.js";
import type { Music } from "./open-music.js";
import type { Attempt, HandlerResult, PublishedFilm } from "../queue/attempt.js";
import { consume, type ConsumeSummary } from "../queue/consumer.js";
import type { Database } from "../database/database.js";
import { startSweeping } from "../queue/sweep.js";
import { createUnreportedNotes } from "../queue/unreported-notes.js";
import { readVersion } from "../read-version.js";
import { refuseDeaths } from "./refuse-deaths.js";
import { createRecogniser } from "../speech/create-recogniser.js";
import type { Recogniser } from "../speech/recogniser.js";
import { findPublished, isRepeatable, isUnchanged, sourceStateOf } from "./source-state.js";
import { createStageClock } from "./stage-clock.js";
import type { FilmStore } from "../storage/film-store.js";
import { uploadFilm } from "./upload-film.js";
import { versionedUrl } from "./versioned-url.js";
import { openWorkFolder, sweepWorkFolders } from "../files/work-folder.js";

export interface WorkOptions {
  readonly config: Config;
  readonly database: Database;
  readonly store: FilmStore;
  readonly log: Log;
  /** First abort: claim nothing more, let films finish for the drain time, then hand them back. */
  readonly signal: AbortSignal;
  readonly onProgress?: (capsuleId: string, progress: Progress) => void;
  /** Default true. False: whether films can be published is checked before the first job is taken. */
  readonly isSetupChecked?: boolean;
  /** Return when no job is left rather than wait for the next one. */
  readonly stopWhenEmpty?: boolean;
}

/** What all attempts share. */
interface Tools {
  readonly cache: DiskCache;
  readonly recogniser: Recogniser | null;
  readonly music: Music;
}

/** Takes jobs and makes films until told to stop. */
export async function work(options: WorkOptions): Promise<ConsumeSummary> {
  const { config, log, stopWhenEmpty = false } = options;
  const { leaseSeconds, minDiskBytes, minMemoryBytes } = config.worker;
  const swept = await sweepWorkFolders(config.workFolder);
  if (swept > 0) log.info({ folders: swept }, "removed the folders of workers that were killed");
  const children = createChildHealth({ workFolder: config.workFolder, log, signal: options.signal });
  const failure = await children.findFailure();
  // Nobody waits for the machine to be repaired where the worker is to end with the queue.
  if (failure !== null && stopWhenEmpty) throw failure;
  await using music = createLazyMusic(config, options.signal);
  // What is wrong with it is said at once, where it can be known.
  if (failure === null) await music.open();
  const tools = {
    cache: createDiskCache({ ...config.cache, log }),
    recogniser: config.recogniser === null ? null : await createRecogniser(config.recogniser),
  };
  await using _ = startSweeping({
    database: options.database,
    workerName: config.worker.name,
    everySeconds: config.worker.sweepSeconds,
    keepDays: config.worker.keepDays,
    afterSweep: createForgetter({
      database: options.database,
      store: options.store,
      cache: tools.cache,
      workerName: config.worker.name,
      keepDays: config.worker.keepDays,
      log,
    }),
    log,
  });
  return await consume({
    database: options.database,
    handler: children.protect(
      async (attempt) =>
        await makeAndUpload(attempt, options, {
          ...tools,
          cache: tools.cache.ownedBy(attempt.capsuleId),
          music: await music.open(),
        }),
    ),
    workerName: config.worker.name,
    version: readVersion(),
    slots: config.worker.slots,
    leaseSeconds,
    heartbeatSeconds: config.worker.heartbeatSeconds,
    leaseMarginSeconds: Math.min(15, leaseSeconds / 4),
    drainSeconds: config.worker.drainSeconds,
    attemptSeconds: config.worker.filmTimeoutSeconds,
    stallSeconds: config.worker.stallSeconds,
    probe: async (signal) => await options.store.probe(signal),
    checkSetup: async (signal) => void (await checkSetup(options.database, options.store, signal)),
    isSetupChecked: options.isSetupChecked ?? true,
    findShortage: async () => {
      const failed = await children.findFailure();
      if (failed !== null) return { code: failed.code, reason: failed.message };
      await music.open();
      return await findShortage({
        workFolder: config.workFolder,
        minDiskBytes,
        minMemoryBytes,
        makeRoom: async (freeBytes) => await tools.cache.makeRoom(freeBytes),
      });
    },
    stopWhenEmpty,
    unreportedNotes: createUnreportedNotes(join(config.workFolder, "unreported"), options.database.address),
    signal: options.signal,
    log,
  });
}

/** One attempt: from the capsule's rows to a film in the store, ready to be published. */
async function makeAndUpload(
  attempt: Attempt,
  options: WorkOptions,
  { cache, recogniser, music }: Tools,
): Promise<HandlerResult> {
  const { config, database, store, onProgress } = options;
  const { capsuleId, signal, log } = attempt;
  using told = logProgress(log, 2 * config.progressSeconds);
  const clock = createStageClock(
    (progress) => {
      attempt.report(progress);
      told.report(progress);
      onProgress?.(capsuleId, progress);
    },
    { log },
  );
  const { content, digest: contentDigest } = await loadCapsule(database, capsuleId, signal);
  const look = chooseTheme(config.film, config.themes, content.capsule, log);
  for (const { messageId, field, code, reason } of content.problems ?? []) {
    if (!isFileProblem({ field, code })) log.warn({ messageId, field, code }, reason);
  }
  const settings = {
    ...(await fitToStore(look, store, signal)),
    recogniser: recogniser?.identity ?? null,
    music: music.name,
  };
  const fetcher = createFetcher({
    objects: {
      reader: store.objects,
      places: config.media.places,
      capsuleId,
      filmsBucket: store.bucket,
    },
    allowedHosts: config.media.hosts,
    ownOrigin: store.origin,
    limits: {
      maxBytes: config.media.maxFileBytes,
      // The film is to be made within the rest.
      totalSeconds: Math.min(defaultFetchLimits.totalSeconds, config.worker.filmTimeoutSeconds / 2),
    },
  });
  const references = listReferences(content);
  const sources = { content, settings, media: config.media, store };
  const published = await findPublished(attempt, store);
  if (published !== null && (await isUnchanged(published, { ...sources, references, fetcher, signal })))
    return { outcome: "duplicate", fingerprint: published.fingerprint, contentDigest, sourceState: null };

  const length = watchLength(content.messages, asLongAsBefore(look, published));
  await fetcher.refuseUndecided(references, signal);
  await using folder = await openWorkFolder(config.workFolder);
  const { assets, developPhotos } = await prepareAssets({
    content,
    fetcher,
    maxMediaBytes: config.media.maxBytes,
    maxPreparedBytes: config.media.maxPreparedBytes,
    onPrepared: length.know,
    folder: folder.path,
    cache,
    concurrency: config.cores,
    signal,
    isLast: attempt.isLast,
    onProgress: clock.report,
    log,
  });
  refuseUnconfigured(assets);
  if (options.signal.aborted) refuseDeaths(assets);
  // The last attempt goes without what is out of reach: not, though, because all of storage is for now.
  if (attempt.isLast && hasUnreachable(assets)) await store.probe(signal);
  const fingerprint = fingerprintOf(content, assets, settings);
  const sourceState = isRepeatable(assets)
    ? sourceStateOf(sources, new Map(references.map((one) => [one, fetcher.versionOf(one)])))
    : null;
  if (published?.fingerprint === fingerprint)
    return { outcome: "duplicate", fingerprint, contentDigest, sourceState };

  const film = await makeFilm({
    content,
    assets,
    settings,
    recogniser,
    music: music.sound,
    developPhotos,
    cache,
    cores: config.cores,
    mostSeconds: config.worker.filmTimeoutSeconds,
    folder: folder.path,
    signal,
    onProgress: clock.report,
  });
  const { url, posterUrl, warnings } = await uploadFilm(film, attempt, store, clock.report);
  return {
    outcome: "published",
    film: {
      fingerprint,
      contentDigest,
      sourceState,
      url: versionedUrl(url, fingerprint),
      posterUrl: posterUrl === null ? null : versionedUrl(posterUrl, fingerprint),
      sha256: film.sha256,
      sizeBytes: film.sizeBytes,
      durationSeconds: film.durationSeconds,
      messageCount: content.messages.length,
      warnings: [...film.warnings, ...warnings],
      timings: clock.timings(),
    },
  };
}

function hasUnreachable(assets: PreparedAssets): boolean {
  return [...assets.values()].some(({ problems }) =>
    problems.some(({ code }) => code === "media-unreachable"),
  );
}

/** A film that was published before the limit was lowered is compared first: unchanged, it stays. */
function asLongAsBefore(look: FilmSettings, published: PublishedFilm | null): FilmSettings {
  return { ...look, maxSeconds: Math.max(look.maxSeconds, published?.durationSeconds ?? 0) };
}

/** A film that the bucket would not take is not made. */
async function fitToStore(film: FilmSettings, store: FilmStore, signal: AbortSignal): Promise<FilmSettings> {
  const limits = [film.maxBytes, await store.sizeLimitBytes(signal)].filter((limit) => limit !== null);
  return { ...film, maxBytes: limits.length === 0 ? null : Math.min(...limits) };
}
