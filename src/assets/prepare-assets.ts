import { mkdir, rm } from "node:fs/promises";
import path from "node:path";

import type { DiskCache } from "../cache/disk-cache.js";
import type { CapsuleContent } from "../capsule/content.js";
import { KeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import { mapConcurrent } from "../async/map-concurrent.js";
import type { DecodePhotos, MessageAssets, PreparedAssets } from "../media/asset.js";
import type { ReportProgress } from "../progress.js";
import { assignAssets } from "./assign-assets.js";
import { getCachedPreparation, storePreparation, type Preparation } from "./cached-preparation.js";
import type { Fetcher } from "./fetch/create-fetcher.js";
import type { FetchedFile } from "./fetch/download.js";
import { fetchAll, originalPath } from "./fetch/fetch-all.js";
import { defaultFetchLimits } from "./fetch/fetch-limits.js";
import { createFileProgress } from "./fetch/file-progress.js";
import { listColumns, listUnusableColumns, type Column } from "./list-columns.js";
import { maxFileMib, openPreparers } from "./open-preparers.js";
import { createPhotoDecoder } from "./photo-decoder.js";
import { createPreparedSpace } from "./prepared-space.js";

export interface PrepareAssetsOptions {
  readonly content: CapsuleContent;
  readonly fetcher: Fetcher;
  /** Limit for all files together; the largest files above it are left out. By default there is none. */
  readonly maxMediaBytes?: number;
  /** Limit for all decoded files together; by default there is none. */
  readonly maxPreparedBytes?: number;
  /** Space that must stay free on the disk; by default the limit for fetching. */
  readonly minFreeBytes?: number;
  /**
   * Called each time a file is ready, with the assets of its message so far. If it throws, the preparation ends: no other
   * file is decoded for a film that will not be made.
   */
  readonly onPrepared?: (messageId: string, assets: MessageAssets) => void;
  /** A private folder, in which prepared files stay until the film is made. */
  readonly folder: string;
  readonly cache: DiskCache;
  /** Number of child processes at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** No attempt follows this one, so files that cannot be reached are left out. */
  readonly isLast: boolean;
  readonly onProgress: ReportProgress;
  readonly log: Log;
}

export interface PreparedMedia {
  readonly assets: PreparedAssets;
  readonly decodePhotos: DecodePhotos;
}

/** A column with its file on disk, or with the error. */
type FetchedColumn = Column & { readonly result: FetchedFile | KeepsakeError };

/**
 * Fetches and prepares all media of a capsule. A file that cannot be used becomes a problem of its message and never
 * stops the others. Files that were prepared for an earlier film come from the cache.
 *
 * @returns an entry for every message
 * @throws KeepsakeError with fault `world` when a file cannot be reached and another attempt follows; `prepared-too-large`;
 *   an error of `onPrepared`; with fault `setup`, such as `disk-full`, or `ours`; the signal's reason when aborted
 */
export async function prepareAssets(options: PrepareAssetsOptions): Promise<PreparedMedia> {
  const { content, log } = options;
  const folder = path.join(options.folder, "media");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const columns = content.messages.flatMap(listColumns);
  const files = await fetchAll(
    columns.map(({ reference }) => reference),
    { ...options, folder, isOnlyThisFile: (error) => isOnlyThisFile(error, options.isLast) },
  );
  const fetched = columns.map((column) => ({ ...column, result: resultOf(files, column) }));
  const prepared = await prepareAll(fetched, folder, options);
  const results = listUnusableColumns(content);
  for (const { messageId, field, result } of fetched) {
    const outcome = result instanceof KeepsakeError ? result : prepared.get(result.sha256);
    if (outcome === undefined) throw new KeepsakeError("internal", "A fetched file was not prepared.");
    if (!(outcome instanceof KeepsakeError)) {
      for (const remark of outcome.remarks) log.warn({ messageId, field }, remark);
    }
    const column =
      outcome instanceof KeepsakeError
        ? { field, outcome }
        : { field, outcome: outcome.asset, lost: outcome.lost };
    results.set(messageId, [...(results.get(messageId) ?? []), column]);
  }
  const assets = new Map(
    content.messages.map(({ id }) => [id, assignAssets(id, results.get(id) ?? [])] as const),
  );
  for (const { problems } of assets.values()) {
    for (const { messageId, field, code, reason } of problems) log.warn({ messageId, field, code }, reason);
  }
  return { assets, decodePhotos: createPhotoDecoder({ ...options, folder }) };
}

function resultOf(
  files: ReadonlyMap<string, FetchedFile | KeepsakeError>,
  { reference }: Column,
): FetchedFile | KeepsakeError {
  const result = files.get(reference);
  if (result === undefined) throw new KeepsakeError("internal", "A file was not fetched.");
  return result;
}

function isOnlyThisFile(error: KeepsakeError, isLast: boolean): boolean {
  return error.fault === "file" || (error.fault === "world" && isLast);
}

/** Prepares each file once, also if several messages name it. */
async function prepareAll(
  fetched: readonly FetchedColumn[],
  folder: string,
  options: PrepareAssetsOptions,
): Promise<ReadonlyMap<string, Preparation>> {
  const { cache, concurrency, signal, isLast, onProgress } = options;
  const { maxPreparedBytes = Infinity, minFreeBytes = defaultFetchLimits.minFreeBytes } = options;
  const space = createPreparedSpace({ folder, maxBytes: maxPreparedBytes, minFreeBytes, maxFileMib });
  const files = new Map<string, FetchedFile>();
  const columnsByMessage = new Map<string, FetchedColumn[]>();
  const messagesByFile = new Map<string, Set<string>>();
  for (const column of fetched) {
    const { messageId, result } = column;
    columnsByMessage.set(messageId, [...(columnsByMessage.get(messageId) ?? []), column]);
    if (result instanceof KeepsakeError) continue;
    files.set(result.sha256, result);
    messagesByFile.set(result.sha256, (messagesByFile.get(result.sha256) ?? new Set()).add(messageId));
  }
  const outcomes = new Map<string, Preparation>();
  const weights = new Map([...files].map(([sha256, { sizeBytes }]) => [sha256, sizeBytes]));
  for (const sha256 of files.keys()) {
    const known = await getCachedPreparation(cache, sha256, folder);
    if (known === null) continue;
    outcomes.set(sha256, known);
    // The cache has no pixels of photos.
    if (!(known instanceof KeepsakeError) && known.asset.kind !== "photo") space.add(known.asset);
    reportPrepared(sha256);
  }
  const progress = createFileProgress("preparing", weights, onProgress, outcomes.keys());
  progress.report();
  const unknown = [...files.values()].filter(({ sha256 }) => !outcomes.has(sha256));
  await using preparers = openPreparers({ fileCount: unknown.length, concurrency, folder });
  await mapConcurrent(unknown, concurrency, signal, async (file, taskSignal) => {
    outcomes.set(file.sha256, await prepare(file, taskSignal));
    reportPrepared(file.sha256);
    progress.finish(file.sha256);
  });
  return outcomes;

  function reportPrepared(sha256: string): void {
    if (options.onPrepared === undefined) return;
    for (const messageId of messagesByFile.get(sha256) ?? []) {
      const results = (columnsByMessage.get(messageId) ?? []).flatMap(({ field, result }) => {
        const outcome = result instanceof KeepsakeError ? result : outcomes.get(result.sha256);
        if (outcome === undefined) return [];
        return [{ field, outcome: outcome instanceof KeepsakeError ? outcome : outcome.asset }];
      });
      options.onPrepared(messageId, assignAssets(messageId, results));
    }
  }

  async function prepare({ sha256, sizeBytes }: FetchedFile, taskSignal: AbortSignal): Promise<Preparation> {
    const original = originalPath(folder, sha256);
    const outputMib = await space.check();
    try {
      const input = { path: original, sha256, folder };
      const onShare = (share: number | null): void => progress.underway(sha256, { share });
      const prepared = await preparers.prepare(input, { sizeBytes, signal: taskSignal, outputMib, onShare });
      if (prepared.asset.kind === "sound") await rm(original, { force: true });
      const mayStay = space.add(prepared.asset);
      if (!mayStay) await rm(prepared.asset.path, { force: true });
      await storePreparation(cache, sha256, prepared);
      return prepared;
    } catch (thrown) {
      taskSignal.throwIfAborted();
      await rm(original, { force: true });
      const error = thrown instanceof KeepsakeError ? space.explain(thrown, outputMib) : thrown;
      if (!(error instanceof KeepsakeError) || !isOnlyThisFile(error, isLast)) throw error;
      await storePreparation(cache, sha256, error);
      return error;
    }
  }
}
