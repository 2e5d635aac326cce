/** Removes, after each sweep, the remaining files of capsules that were deleted or forgotten. */
import { openDeadline } from "../async/deadline.js";
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
  /** Days between the deletion of a capsule's row and the removal of its film; 0: never. */
  readonly keepDays: number;
  readonly log: Log;
}

/** Half of the time for which this worker alone may remove a capsule's film. */
const removalSeconds = 300;

/**
 * @returns a function that removes the films of capsules that were deleted `keepDays` ago, then this machine's uploads and
 *   cache entries of all capsules that were forgotten since its last call. It never throws: the next call repeats the
 *   work that failed.
 */
export function createForgetter(options: ForgetterOptions): (signal: AbortSignal) => Promise<void> {
  const { keepDays, log } = options;
  let lastOperationId = 0;
  let loggedMessage: string | null = null;
  const attempt = async (what: string, signal: AbortSignal, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      if (signal.aborted) return;
      const { code, message } = toKeepsakeError(error);
      // The same message is logged once, not with every sweep; an unreachable database is logged elsewhere.
      if (code !== "database-unreachable" && loggedMessage !== message)
        log.warn({ code, reason: message }, what);
      loggedMessage = message;
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

/** @throws errors of the database or the store; the remaining capsules are then left for a later call */
async function removeFilms(
  { database, store, workerName, keepDays, log }: ForgetterOptions,
  signal: AbortSignal,
): Promise<void> {
  using deadline = openDeadline({ seconds: removalSeconds, parent: signal });
  for (const capsuleId of await claimRemovals(database, keepDays, signal)) {
    const removed = await store.remove(filmObjects(capsuleId), deadline.signal);
    const objects = removed.length;
    if (await finishRemoval(database, capsuleId, { objects, workerName }, deadline.signal)) {
      log.info({ capsuleId, objects, keepDays }, "removed the film of a deleted capsule");
    }
  }
}

/** @returns the id of the last operation that was carried out here */
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
