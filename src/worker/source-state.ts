/**
 * The source state is a hash of everything that a film was made of and that can be read without fetching a file. If an
 * unchanged capsule is enqueued again, each of its files costs only one request without a body. Equal states mean equal
 * fingerprints. Where anything is uncertain there is no state: the files are fetched and the fingerprints compared.
 */
import { createHash } from "node:crypto";

import type { PreparedAssets } from "../media/asset.js";
import type { CapsuleFetcher } from "../assets/fetch/create-fetcher.js";
import { isFinalFileError } from "../assets/cached-preparation.js";
import type { CapsuleContent } from "../capsule/content.js";
import type { FilmSettings } from "../film/model/film-settings.js";
import { fingerprintOf } from "../film/fingerprint.js";
import type { Attempt, PublishedFilm } from "../queue/attempt.js";
import { readVersion } from "../read-version.js";
import type { MediaConfig } from "../settings/config.js";
import { mapConcurrent } from "../async/map-concurrent.js";
import type { FilmStore } from "../storage/film-store.js";

export interface Sources {
  readonly content: CapsuleContent;
  readonly settings: FilmSettings;
  readonly media: MediaConfig;
  readonly store: FilmStore;
}

interface CurrentSources extends Sources {
  /** All references of the messages. */
  readonly references: readonly string[];
  readonly fetcher: CapsuleFetcher;
  readonly signal: AbortSignal;
}

/** Equals the number of files that are fetched at the same time. */
const maxConcurrentChecks = 4;

/**
 * Finds the film that the capsule points at, if the store still has it: a film that was deleted there is made again.
 * @throws KeepsakeError errors of the database or the store
 */
export async function findPublished(
  { capsuleId, findPublished: find, signal }: Pick<Attempt, "capsuleId" | "findPublished" | "signal">,
  store: FilmStore,
): Promise<PublishedFilm | null> {
  const published = await find();
  if (published === null) return null;
  const { fingerprint, sizeBytes } = published;
  const isThere = await store.has({ path: `${capsuleId}.mp4`, fingerprint, sizeBytes, signal });
  return isThere ? published : null;
}

/** Whether a new film would have the fingerprint of the published one; false also where that is uncertain. */
export async function isUnchanged(
  { sourceState }: PublishedFilm,
  { references, fetcher, signal, ...sources }: CurrentSources,
): Promise<boolean> {
  if (sourceState === null) return false;
  const versions = new Map<string, string | null>();
  let isKnown = true;
  await mapConcurrent(references, maxConcurrentChecks, signal, async (reference, stop) => {
    if (!isKnown) return;
    const version = await fetcher.readVersion(reference, stop);
    versions.set(reference, version);
    isKnown &&= version !== null;
  });
  return isKnown && sourceStateOf(sources, versions) === sourceState;
}

/**
 * @param versions version of each reference of the messages
 * @returns SHA-256, 64 hex digits; null where a version is unknown
 */
export function sourceStateOf(
  { content, settings, media, store }: Sources,
  versions: ReadonlyMap<string, string | null>,
): string | null {
  if ([...versions.values()].includes(null)) return null;
  const state = {
    // Another version may decode files in another way, though its engine version is the same.
    version: readVersion(),
    film: fingerprintOf(content, new Map(), settings),
    problems: content.problems ?? [],
    columns: content.messages.map(({ id, imageReference, audioReference, videoReference }) => [
      id,
      imageReference,
      audioReference,
      videoReference,
    ]),
    media,
    store: [store.description, store.origin],
    versions: [...versions].sort(([one], [other]) => (one < other ? -1 : 1)),
  };
  return createHash("sha256").update(JSON.stringify(state)).digest("hex");
}

/** Whether every file that is not in the film would be missing again. False where another attempt may get it. */
export function isRepeatable(assets: PreparedAssets): boolean {
  const codes = [...assets.values()].flatMap(({ problems }) => problems.map(({ code }) => code));
  return codes.every((code) => isFinalFileError(code) || repeatableCodes.has(code));
}

/** Codes of files that would be missing again, as long as the file's version and the settings are the same. */
const repeatableCodes: ReadonlySet<string> = new Set([
  "media-address-refused",
  "media-not-found",
  "media-too-large",
]);
