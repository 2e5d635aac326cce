/** What each worker does after a sweep, so that nothing of capsules stays that are gone or were forgotten. */
import type { DiskCache } from "../cache/disk-cache.js";
import type { Database } from "../database/database.js";
import { toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import { claimRemovals, finishRemoval, listForgotten } from "../queue/forget.js";
import type { FilmStore } from "../storage/film-store.js";
import { filmObjects } from "./film-objects.js";

export interface ForgetterOptions {
  readonly database: Database;
  readonly store: FilmStore;
  readonly cache: DiskCache;
  readonly workerName: string;
  /** How long a capsule's row has been gone when its film is removed; 0: never. */
  readonly keepDays: number;
  readonly log: Log;
}

/** Half of the time for which a capsule is this worker's alone to remove. */
const removalSeconds = 300;

/**
 * @returns what removes the films of capsules whose row has been gone for `keepDays`, and then, from this machine, what was
 *   kept of all capsules that were forgotten since it was called last. It never fails: what could not be done is done by
 *   a later call.
 */
export function createForgetter(options: ForgetterOptions): (signal: AbortSignal) => Promise<void> {
  const { keepDays, log } = options;
  let lastOperationId = 0;
  let told: string | null = null;
  const attempt = async (what: string, signal: AbortSignal, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      if (signal.aborted) return;
      const { code, message } = toKeepsakeError(error);
      // Said once and not with every sweep; of a database out of reach the log says so elsewhere.
      if (code !== "database-unreachable" && told !== message) log.warn({ code, reason: message }, what);
      told = message;
    }
  };
  return async (signal) => {
    if (keepDays > 0) {
      await attempt("films of deleted capsules could not be removed", signal, () =>
        removeFilms(options, signal),
      );
    }
    await attempt("forgotten capsules could not be forgotten on this machine", signal, async () => {
      lastOperationId = await forgetHere(options, lastOperationId, signal);
    });
  };
}

/** @throws what the database or the store says; then the others are left for later too */
async function removeFilms(
  { database, store, workerName, keepDays, log }: ForgetterOptions,
  signal: AbortSignal,
): Promise<void> {
  const claimedAt = AbortSignal.timeout(removalSeconds * 1000);
  const within = AbortSignal.any([signal, claimedAt]);
  for (const capsuleId of await claimRemovals(database, keepDays, signal)) {
    const removed = await store.remove(filmObjects(capsuleId), within);
    const objects = removed.length;
    if (await finishRemoval(database, capsuleId, { objects, workerName }, within)) {
      log.info({ capsuleId, objects, keepDays }, "removed the film of a deleted capsule");
    }
  }
}

/** @returns the last operation that was heeded */
async function forgetHere(
  { database, store, cache, log }: ForgetterOptions,
  after: number,
  signal: AbortSignal,
): Promise<number> {
  let last = after;
  for (;;) {
    const forgotten = await listForgotten(database, last, signal);
    const capsuleIds = [...new Set(forgotten.map(({ capsuleId }) => capsuleId))];
    const latest = forgotten.at(-1)?.operationId;
    if (latest === undefined) return last;
    const uploads = await store.cancelUploads(capsuleIds.flatMap(filmObjects), signal);
    const cacheEntries = await cache.forget(capsuleIds);
    if (uploads + cacheEntries > 0) log.info({ uploads, cacheEntries }, "forgot capsules on this machine");
    last = latest;
  }
}
