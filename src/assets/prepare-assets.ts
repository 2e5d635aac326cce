import { mkdir, rm } from "node:fs/promises";
import path from "node:path";

import type { DiskCache } from "../cache/disk-cache.js";
import { isFileColumn, isFileProblem, type CapsuleContent, type Message } from "../capsule/content.js";
import { KeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import type { ReportProgress } from "../progress.js";
import { mapConcurrent } from "../async/map-concurrent.js";
import { refused } from "./fetch/check-url.js";
import { assignAssets, type ColumnResult } from "./assign-assets.js";
import {
  type AssetField,
  type DecodePhotos,
  type MessageAssets,
  type PreparedAssets,
} from "../media/asset.js";
import type { Fetcher } from "./fetch/create-fetcher.js";
import type { FetchedFile } from "./fetch/download.js";
import { fetchAll } from "./fetch/fetch-all.js";
import { createPhotoDecoder } from "./photo-decoder.js";
import { createFileProgress } from "./fetch/file-progress.js";
import { storePreparation, getCachedPreparation, type Preparation } from "./cached-preparation.js";
import { defaultFetchLimits } from "./fetch/fetch-limits.js";
import { maxFileMib, openPreparers } from "./open-preparers.js";
import { originalPath } from "./prepare-asset.js";
import { createPreparedSpace } from "./prepared-space.js";
import { splitReferences } from "./fetch/split-references.js";

export interface PrepareAssetsOptions {
  readonly content: CapsuleContent;
  readonly fetcher: Fetcher;
  /** What all files may have together, the largest being left out; by default as much as they have. */
  readonly maxMediaBytes?: number;
  /** What they may have together once they are decoded; by default as much as they have. */
  readonly maxPreparedBytes?: number;
  /** What stays free on the disk; by default as when fetching. */
  readonly minFreeBytes?: number;
  /**
   * Told each time a file is ready what is known of its message by then. What it throws ends the preparation: no other
   * file is decoded for a film that will not be made.
   */
  readonly onPrepared?: (messageId: string, assets: MessageAssets) => void;
  /** Private; prepared files stay in it until the film is made. */
  readonly folder: string;
  readonly cache: DiskCache;
  /** Child processes at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Nothing is waited for any more: what is out of reach is left out. */
  readonly isLast: boolean;
  readonly onProgress: ReportProgress;
  readonly log: Log;
}

export interface PreparedMedia {
  readonly assets: PreparedAssets;
  readonly decodePhotos: DecodePhotos;
}

/** More than anyone chooses for one message. */
const maxFilesInColumn = 10;

/** One file that a message names. */
interface Column {
  readonly messageId: string;
  readonly field: AssetField;
  readonly reference: string;
}

/** A column with its file on disk, or with the reason why there is none. */
type FetchedColumn = Column & { readonly result: FetchedFile | KeepsakeError };

/**
 * Fetches and prepares all media of a capsule. A file that cannot be used becomes a problem of its message and never
 * stops the others. What is known of a file's bytes from an earlier film is not found out again.
 *
 * @returns an entry for every message
 * @throws KeepsakeError with fault `world` when something is out of reach and another attempt follows;
 *   `prepared-too-large`; what `onPrepared` throws; with fault `setup`, as `disk-full`, or `ours`; the signal's reason
 *   when aborted
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
  const results = namelessFiles(content);
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

/** Columns that should name a file and hold something else: their messages get a card all the same. */
function namelessFiles({ messages, problems = [] }: CapsuleContent): Map<string, ColumnResult[]> {
  const results = new Map<string, ColumnResult[]>();
  for (const { messageId, field, code, reason } of problems) {
    if (messageId === null || !isFileColumn(field) || !isFileProblem({ field, code })) continue;
    const outcome = new KeepsakeError(code, reason);
    results.set(messageId, [...(results.get(messageId) ?? []), { field, outcome }]);
  }
  for (const message of messages) {
    const overlong = overlongLists(message);
    if (overlong.length > 0) results.set(message.id, [...(results.get(message.id) ?? []), ...overlong]);
  }
  return results;
}

/** All that the messages name and a film fetches. */
export function listReferences({ messages }: CapsuleContent): readonly string[] {
  return [...new Set(messages.flatMap(listColumns).map(({ reference }) => reference))];
}

/** Each file that a message names; a column may hold a list of them. */
function listColumns(message: Message): Column[] {
  return fileColumnsOf(message).flatMap(([field, reference]) =>
    splitReferences(reference ?? "")
      .slice(0, maxFilesInColumn)
      .map((one) => ({ messageId: message.id, field, reference: one })),
  );
}

function fileColumnsOf(message: Message): readonly (readonly [AssetField, string | null])[] {
  return [
    ["content_image_url", message.imageReference],
    ["content_audio_url", message.audioReference],
    ["content_video_url", message.videoReference],
  ];
}

/** A list that is longer than a column may hold costs its end alone, and its message gets a card that says so. */
function overlongLists(message: Message): ColumnResult[] {
  return fileColumnsOf(message).flatMap(([field, reference]) => {
    const { length } = splitReferences(reference ?? "");
    if (length <= maxFilesInColumn) return [];
    const outcome = refused(`it is a list of ${length} addresses, of which ${maxFilesInColumn} are taken`);
    return [{ field, outcome }];
  });
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

/** Each file once, however many messages name it. */
async function prepareAll(
  fetched: readonly FetchedColumn[],
  folder: string,
  options: PrepareAssetsOptions,
): Promise<ReadonlyMap<string, Preparation>> {
  const { cache, concurrency, signal, isLast, onProgress } = options;
  const { maxPreparedBytes = Infinity, minFreeBytes = defaultFetchLimits.minFreeBytes } = options;
  const room = createPreparedSpace({ folder, maxBytes: maxPreparedBytes, minFreeBytes, maxFileMib });
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
    // The pixels of a known photo are not there.
    if (!(known instanceof KeepsakeError) && known.asset.kind !== "photo") room.add(known.asset);
    tell(sha256);
  }
  const progress = createFileProgress("preparing", weights, onProgress, outcomes.keys());
  progress.report();
  const unknown = [...files.values()].filter(({ sha256 }) => !outcomes.has(sha256));
  await using preparers = openPreparers({ fileCount: unknown.length, concurrency, folder });
  await mapConcurrent(unknown, concurrency, signal, async (file, either) => {
    outcomes.set(file.sha256, await prepare(file, either));
    tell(file.sha256);
    progress.finish(file.sha256);
  });
  return outcomes;

  function tell(sha256: string): void {
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

  async function prepare({ sha256, sizeBytes }: FetchedFile, either: AbortSignal): Promise<Preparation> {
    const original = originalPath(folder, sha256);
    const outputMib = await room.look();
    try {
      const input = { path: original, sha256, folder };
      const onShare = (share: number | null): void => progress.underway(sha256, { share });
      const prepared = await preparers.prepare(input, { sizeBytes, signal: either, outputMib, onShare });
      if (prepared.asset.kind === "sound") await rm(original, { force: true });
      const isKept = room.add(prepared.asset);
      if (!isKept) await rm(prepared.asset.path, { force: true });
      await storePreparation(cache, sha256, prepared);
      return prepared;
    } catch (thrown) {
      either.throwIfAborted();
      await rm(original, { force: true });
      const error = thrown instanceof KeepsakeError ? room.blame(thrown, outputMib) : thrown;
      if (!(error instanceof KeepsakeError) || !isOnlyThisFile(error, isLast)) throw error;
      await storePreparation(cache, sha256, error);
      return error;
    }
  }
}
