/**
 * The worker connects folders that do not import each other: the queue starts an attempt, `assets/` fetches files, `film/`
 * makes the film, `storage/` stores it, and the queue publishes it. The worker's own process decodes and draws nothing.
 */
import { join } from "node:path";

import { createDiskCache } from "../cache/disk-cache.js";
import type { Database } from "../database/database.js";
import { sweepWorkFolders } from "../files/work-folder.js";
import type { Log } from "../log.js";
import type { Progress } from "../progress.js";
import { consume, type ConsumeSummary } from "../queue/consumer.js";
import { startSweeping } from "../queue/sweep.js";
import { createUnreportedNotes } from "../queue/unreported-notes.js";
import { readVersion } from "../read-version.js";
import type { Config } from "../settings/config.js";
import { createRecogniser } from "../speech/create-recogniser.js";
import type { FilmStore } from "../storage/film-store.js";
import { checkSetup } from "./check-setup.js";
import { createChildHealth } from "./child-health.js";
import { filmAttempt } from "./film-attempt.js";
import { createForgetter } from "./forget-removed.js";
import { createLazyMusic } from "./open-music.js";
import { findShortage } from "./pre-flight.js";

export interface WorkOptions {
  readonly config: Config;
  readonly database: Database;
  readonly store: FilmStore;
  readonly log: Log;
  /** The abort stops claiming. Films may finish within the drain time; after that their jobs are returned to the queue. */
  readonly signal: AbortSignal;
  readonly onProgress?: (capsuleId: string, progress: Progress) => void;
  /** Default true. False: the setup for publishing is checked before the first job is claimed. */
  readonly isSetupChecked?: boolean;
  /** Whether to return when no job is left instead of waiting for the next one. */
  readonly stopWhenEmpty?: boolean;
}

/** Claims jobs and makes films until its signal is aborted. */
export async function work(options: WorkOptions): Promise<ConsumeSummary> {
  const { config, database, store, log, signal, stopWhenEmpty = false } = options;
  const { workFolder, worker } = config;
  const removed = await sweepWorkFolders(workFolder);
  if (removed > 0) log.info({ folders: removed }, "removed the folders of workers that were killed");

  const children = createChildHealth({ workFolder, log, signal });
  const failure = await children.findFailure();
  // A worker that ends with the queue does not wait for the machine to be repaired.
  if (failure !== null && stopWhenEmpty) throw failure;
  await using music = createLazyMusic(config, signal);
  // A fault of the music is reported at the start, where processes can decode it.
  if (failure === null) await music.open();
  const cache = createDiskCache({ ...config.cache, log });
  const recogniser = config.recogniser === null ? null : await createRecogniser(config.recogniser);

  const { name: workerName, keepDays } = worker;
  await using _ = startSweeping({
    database,
    workerName,
    everySeconds: worker.sweepSeconds,
    keepDays,
    afterSweep: createForgetter({ database, store, cache, workerName, keepDays, log }),
    log,
  });
  return await consume({
    database,
    handler: children.protect(async (attempt) => {
      const tools = {
        cache: cache.ownedBy(attempt.capsuleId),
        recogniser,
        music: await music.open(),
      };
      return await filmAttempt(attempt, { ...options, stopping: signal }, tools);
    }),
    workerName,
    version: readVersion(),
    slots: worker.slots,
    leaseSeconds: worker.leaseSeconds,
    heartbeatSeconds: worker.heartbeatSeconds,
    leaseMarginSeconds: Math.min(15, worker.leaseSeconds / 4),
    drainSeconds: worker.drainSeconds,
    attemptSeconds: worker.filmTimeoutSeconds,
    stallSeconds: worker.stallSeconds,
    probe: async (stop) => await store.probe(stop),
    checkSetup: async (stop) => void (await checkSetup(database, store, stop)),
    isSetupChecked: options.isSetupChecked ?? true,
    findShortage: async () => {
      const failed = await children.findFailure();
      if (failed !== null) return { code: failed.code, reason: failed.message };
      await music.open();
      return await findShortage({
        workFolder,
        ...worker,
        makeRoom: (freeBytes) => cache.makeRoom(freeBytes),
      });
    },
    stopWhenEmpty,
    unreportedNotes: createUnreportedNotes(join(workFolder, "unreported"), database.address),
    signal,
    log,
  });
}
