/**
 * What a film was made of, as far as it can be told without fetching a file: an unchanged capsule that is enqueued again
 * costs a request without a body for each of its files. Two equal states mean equal fingerprints; whatever is not known
 * for certain makes no state, and then the files are fetched and the fingerprints compared.
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
  /** All that the messages name. */
  readonly references: readonly string[];
  readonly fetcher: CapsuleFetcher;
  readonly signal: AbortSignal;
}

/** As many as are fetched at once. */
const looksAtOnce = 4;

/**
 * The film that the capsule points at, if it still lies in the store: one that was taken away there is made again.
 * @throws KeepsakeError of the database or of the store
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

/** Whether the published film would be made again to the same fingerprint: false also where that cannot be told. */
export async function isUnchanged(
  { sourceState }: PublishedFilm,
  { references, fetcher, signal, ...sources }: CurrentSources,
): Promise<boolean> {
  if (sourceState === null) return false;
  const versions = new Map<string, string | null>();
  let isKnown = true;
  await mapConcurrent(references, looksAtOnce, signal, async (reference, either) => {
    if (!isKnown) return;
    const version = await fetcher.readVersion(reference, either);
    versions.set(reference, version);
    isKnown &&= version !== null;
  });
  return isKnown && sourceStateOf(sources, versions) === sourceState;
}

/**
 * @param versions of all that the messages name
 * @returns sha256, 64 hex digits; null where some version is not known
 */
export function sourceStateOf(
  { content, settings, media, store }: Sources,
  versions: ReadonlyMap<string, string | null>,
): string | null {
  if ([...versions.values()].includes(null)) return null;
  const state = {
    // Another version may prepare files otherwise, though it makes the same film of them.
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

/** Whether each file that is not in the film would be missing again: another attempt may succeed where one gave up. */
export function isRepeatable(assets: PreparedAssets): boolean {
  const codes = [...assets.values()].flatMap(({ problems }) => problems.map(({ code }) => code));
  return codes.every((code) => isFinalFileError(code) || refusedBefore.has(code));
}

/** What a version or the settings stand for. */
const refusedBefore: ReadonlySet<string> = new Set([
  "media-address-refused",
  "media-not-found",
  "media-too-large",
]);
