/** Everything of one capsule goes, at an operator's word. */
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
  /** Of this machine; workers on others forget theirs with their next sweep. */
  readonly cache: DiskCache;
  readonly operator: string | null;
  /** How long a film that is being made may take to stop. */
  readonly waitSeconds: number;
  /** Called once, when such a film is waited for. */
  readonly onWait: () => void;
  readonly signal: AbortSignal;
}

export interface Forgotten {
  readonly capsuleId: string;
  /** Null: there is no such capsule any more. */
  readonly capsuleStatus: string | null;
  /** Of the film, poster and captions, as far as they were there. */
  readonly objects: readonly string[];
  /** Where the film was published, if that is in another bucket than films go to now: it is there still. */
  readonly elsewhere: string | null;
  readonly cacheEntries: number;
  readonly records: ForgottenRecords;
}

const pollSeconds = 1;
/** Half of the time for which nobody else films the capsule. */
const removalSeconds = 300;

/**
 * Ends the capsule's jobs and waits for a film that is being made to stop; then removes film, poster and captions, uploads
 * that were begun here, cache entries that are this capsule's alone, and all records. Safe to repeat, also where it failed
 * half-way.
 * @throws KeepsakeError `capsule-in-use` where a film of it is still being made; or of the store, or the database
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
  for (let turn = 0; ; turn += 1) {
    const found = await beginForgetting(database, capsuleId, signal);
    if (found.stopping === 0) return found;
    if (turn === 0) onWait();
    if (performance.now() - startedAt > waitSeconds * 1000) throw stillInUse(capsuleId);
    await sleep(pollSeconds * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function stillInUse(capsuleId: string): KeepsakeError {
  return new KeepsakeError(
    "capsule-in-use",
    `A film of capsule ${capsuleId} is still being made. Its worker was told to stop, and nothing of it will be published: ` +
      `\`keepsake status\` says which worker that is; run \`keepsake forget ${capsuleId}\` again when it has stopped.`,
  );
}

/** An address of a film ends in `<bucket>/<capsule id>.mp4`, whatever the home. */
function isInBucket(filmUrl: string, bucket: string): boolean {
  if (!URL.canParse(filmUrl)) return false;
  const { pathname } = new URL(filmUrl);
  return pathname.split("/").at(-2) === encodeURIComponent(bucket);
}
