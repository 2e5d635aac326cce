/** Runs one attempt to make a capsule's film: from its rows to a film in the store, ready to be published. */
import type { PreparedAssets } from "../media/asset.js";
import { listReferences } from "../assets/list-columns.js";
import { rejectUnconfigured } from "../assets/reject-unconfigured.js";
import { type CapsuleContent, isFileProblem } from "../capsule/content.js";
import { loadCapsule } from "../capsule/load.js";
import type { Database } from "../database/database.js";
import { KeepsakeError } from "../errors.js";
import { makeFilm } from "../film/make-film.js";
import type { FilmSettings } from "../film/model/film-settings.js";
import { openWorkFolder } from "../files/work-folder.js";
import type { Log } from "../log.js";
import type { Progress } from "../progress.js";
import type { Attempt, HandlerResult } from "../queue/attempt.js";
import type { Config } from "../settings/config.js";
import type { FilmStore } from "../storage/film-store.js";
import { logProgress } from "./log-progress.js";
import { createCapsuleFetcher, filmSettingsFor, prepareFilm, type FilmTools } from "./render-capsule.js";
import { findPublished, isRepeatable, isUnchanged, sourceStateOf } from "./source-state.js";
import { createStageClock } from "./stage-clock.js";
import { uploadFilm } from "./upload-film.js";

export interface FilmAttemptOptions {
  readonly config: Config;
  readonly database: Database;
  readonly store: FilmStore;
  /** Aborted when the worker is shutting down. */
  readonly stopping: AbortSignal;
  readonly onProgress?: ((capsuleId: string, progress: Progress) => void) | undefined;
}

export async function filmAttempt(
  attempt: Attempt,
  { config, database, store, stopping, onProgress }: FilmAttemptOptions,
  tools: FilmTools,
): Promise<HandlerResult> {
  const { capsuleId, signal, log, isLast } = attempt;
  using loggedProgress = logProgress(log, 2 * config.progressSeconds);
  const clock = createStageClock(
    (progress) => {
      attempt.report(progress);
      loggedProgress.report(progress);
      onProgress?.(capsuleId, progress);
    },
    { log },
  );
  const { content, digest: contentDigest } = await loadCapsule(database, capsuleId, signal);
  warnOfRows(content, log);
  const chosen = filmSettingsFor({ content, log, ...tools }, config);
  const settings = await fitToStore(chosen, store, signal);
  const fetcher = createCapsuleFetcher(config, store, capsuleId);

  const references = listReferences(content);
  const sources = { content, settings, media: config.media, store };
  const published = await findPublished(attempt, store);
  if (published !== null && (await isUnchanged(published, { ...sources, references, fetcher, signal })))
    return { outcome: "duplicate", fingerprint: published.fingerprint, contentDigest, sourceState: null };

  await using folder = await openWorkFolder(config.workFolder);
  const request = await prepareFilm(
    {
      ...tools,
      content,
      settings,
      fetcher,
      limits: config.media,
      cores: config.cores,
      timeoutSeconds: config.worker.filmTimeoutSeconds,
      isLast,
      folder: folder.path,
      signal,
      onProgress: clock.report,
      log,
    },
    published?.durationSeconds ?? 0,
  );
  const { assets, fingerprint } = request;
  rejectUnconfigured(assets);
  if (stopping.aborted) rejectDeadDecoders(assets);
  // Files that are out of reach are left out of the last attempt, but not while all of the storage is out of reach.
  if (isLast && hasUnreachable(assets)) await store.probe(signal);
  const versions = new Map(references.map((one) => [one, fetcher.versionOf(one)]));
  const sourceState = isRepeatable(assets) ? sourceStateOf(sources, versions) : null;
  if (published?.fingerprint === fingerprint)
    return { outcome: "duplicate", fingerprint, contentDigest, sourceState };

  const film = await makeFilm(request);
  const uploaded = await uploadFilm(film, attempt, store, clock.report);
  return {
    outcome: "published",
    film: {
      fingerprint,
      contentDigest,
      sourceState,
      url: uploaded.url,
      posterUrl: uploaded.posterUrl,
      sha256: film.sha256,
      sizeBytes: film.sizeBytes,
      durationSeconds: film.durationSeconds,
      messageCount: content.messages.length,
      warnings: [...film.warnings, ...uploaded.warnings],
      timings: clock.timings(),
    },
  };
}

/** Problems of files are logged when the files are prepared. */
function warnOfRows({ problems = [] }: CapsuleContent, log: Log): void {
  for (const { messageId, field, code, reason } of problems) {
    if (!isFileProblem({ field, code })) log.warn({ messageId, field, code }, reason);
  }
}

/** Limits the size of the film to what the bucket accepts. */
async function fitToStore(film: FilmSettings, store: FilmStore, signal: AbortSignal): Promise<FilmSettings> {
  const limits = [film.maxBytes, await store.sizeLimitBytes(signal)].filter((limit) => limit !== null);
  return { ...film, maxBytes: limits.length === 0 ? null : Math.min(...limits) };
}

const deathCodes = new Set(["media-preparation-crashed", "media-preparation-killed"]);

/**
 * A supervisor that stops a worker may also have killed a process that decoded a file. The file is not the cause, so the
 * film is not made without it.
 * @throws KeepsakeError `child-stopped` where such a process died
 */
function rejectDeadDecoders(assets: PreparedAssets): void {
  if (!problemCodesOf(assets).some((code) => deathCodes.has(code))) return;
  throw new KeepsakeError("child-stopped", "The worker was being stopped while a file was decoded.");
}

function hasUnreachable(assets: PreparedAssets): boolean {
  return problemCodesOf(assets).includes("media-unreachable");
}

function problemCodesOf(assets: PreparedAssets): readonly string[] {
  return [...assets.values()].flatMap(({ problems }) => problems.map(({ code }) => code));
}
