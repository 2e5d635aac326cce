/** Removes everything that Keepsake has stored about one capsule, for `keepsake forget`. */
import { setTimeout as sleep } from "node:timers/promises";

import { openDeadline } from "../async/deadline.js";
import type { DiskCache } from "../cache/disk-cache.js";
import type { Database } from "../database/database.js";
import { KeepsakeError } from "../errors.js";
import { beginForgetting, finishForgetting, type ForgottenRecords } from "../queue/forget.js";
import type { FilmStore } from "../storage/film-store.js";
import { filmObjects } from "./film-objects.js";

export interface ForgetOptions {
  readonly database: Database;
  readonly store: FilmStore;
  /** Cache of this machine. Workers on other machines clear theirs after their next sweep. */
  readonly cache: DiskCache;
  readonly operator: string | null;
  /** Maximum wait for a film that is being made to stop. */
  readonly waitSeconds: number;
  /** Called once, before the wait for such a film. */
  readonly onWait: () => void;
  readonly signal: AbortSignal;
}

export interface Forgotten {
  readonly capsuleId: string;
  /** Null: the capsule's row no longer exists. */
  readonly capsuleStatus: string | null;
  /** Paths of the removed objects: film, poster and captions, as far as they existed. */
  readonly objects: readonly string[];
  /** URL of a film in another bucket than the configured one, which was not removed; otherwise null. */
  readonly elsewhere: string | null;
  readonly cacheEntries: number;
  readonly records: ForgottenRecords;
}

const pollSeconds = 1;
/** Half of the time for which no other worker makes a film of the capsule. */
const removalSeconds = 300;

/**
 * Ends the capsule's jobs and waits for a film that is being made to stop. Then it removes film, poster and captions,
 * unfinished uploads of this machine, cache entries that no other capsule uses, and all records. It may be repeated, also
 * after it failed half-way.
 * @throws KeepsakeError `capsule-in-use` where a film of it is still being made; errors of the store or the database
 */
export async function forgetCapsule(capsuleId: string, options: ForgetOptions): Promise<Forgotten> {
  const { database, store, cache, operator, signal } = options;
  const { capsuleStatus, filmUrl } = await stopFilms(capsuleId, options);
  using deadline = openDeadline({ seconds: removalSeconds, parent: signal });
  const objects = await store.remove(filmObjects(capsuleId), deadline.signal);
  const cacheEntries = await cache.forget([capsuleId]);
  const done = { objects: objects.length, doneBy: operator };
  const records = await finishForgetting(database, capsuleId, done, deadline.signal);
  if (records === null) throw stillInUse(capsuleId);
  const elsewhere = filmUrl !== null && !isInBucket(filmUrl, store.bucket) ? filmUrl : null;
  return { capsuleId, capsuleStatus, objects, elsewhere, cacheEntries, records };
}

async function stopFilms(
  capsuleId: string,
  { database, waitSeconds, onWait, signal }: ForgetOptions,
): Promise<{ readonly capsuleStatus: string | null; readonly filmUrl: string | null }> {
  const startedAt = performance.now();
  for (let polls = 0; ; polls += 1) {
    const found = await beginForgetting(database, capsuleId, signal);
    if (found.stopping === 0) return found;
    if (polls === 0) onWait();
    if (performance.now() - startedAt > waitSeconds * 1000) throw stillInUse(capsuleId);
    await sleep(pollSeconds * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function stillInUse(capsuleId: string): KeepsakeError {
  return new KeepsakeError(
    "capsule-in-use",
    `A film of capsule ${capsuleId} is still being made. It stops with the worker's next heartbeat and will not be published: ` +
      `run \`keepsake forget ${capsuleId}\` again when \`keepsake status\` no longer lists it.`,
  );
}

/** Whether a film is in the bucket: its URL ends in `<bucket>/<capsule id>.mp4`, with any host. */
function isInBucket(filmUrl: string, bucket: string): boolean {
  if (!URL.canParse(filmUrl)) return false;
  const { pathname } = new URL(filmUrl);
  return pathname.split("/").at(-2) === encodeURIComponent(bucket);
}
