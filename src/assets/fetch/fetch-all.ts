import { rename, rm } from "node:fs/promises";
import path from "node:path";

import { KeepsakeError } from "../../errors.js";
import type { ReportProgress } from "../../progress.js";
import { mapConcurrent } from "../../async/map-concurrent.js";
import type { Fetcher } from "./create-fetcher.js";
import type { FetchedFile } from "./download.js";
import { createFileProgress } from "./file-progress.js";
import { originalPath } from "../prepare-asset.js";

export interface FetchAllOptions {
  readonly fetcher: Fetcher;
  /** Files go here, under names made of their hashes. */
  readonly folder: string;
  /** What all files may have together. */
  readonly maxMediaBytes?: number;
  readonly signal: AbortSignal;
  /** Whether an error costs this file only; others end the fetching. */
  readonly isOnlyThisFile: (error: KeepsakeError) => boolean;
  readonly onProgress: ReportProgress;
}

/** Also the most that one host sees at once. */
const fetchesAtOnce = 4;

/**
 * Fetches each file once, however many messages name it, and by however many addresses. Where the files are too large
 * together, the largest are left out, until the others fit: so one person's huge files cost nobody else's photos, in
 * whatever order they come.
 *
 * @returns for every reference its file, or why there is none
 * @throws KeepsakeError that costs more than one file; the signal's reason when aborted
 */
export async function fetchAll(
  references: Iterable<string>,
  options: FetchAllOptions,
): Promise<ReadonlyMap<string, FetchedFile | KeepsakeError>> {
  const { fetcher, folder, signal, onProgress } = options;
  const byFile = new Map<string, readonly string[]>();
  for (const reference of new Set(references)) {
    const key = fetcher.keyOf(reference);
    byFile.set(key, [...(byFile.get(key) ?? []), reference]);
  }
  const unique = [...byFile.values()];
  const results = new Map<string, FetchedFile | KeepsakeError>();
  const weights = new Map(unique.map((_addresses, index) => [String(index), 1]));
  const progress = createFileProgress("fetching", weights, onProgress);
  progress.report();
  await mapConcurrent([...unique.entries()], fetchesAtOnce, signal, async ([index, addresses], either) => {
    const [reference = ""] = addresses;
    const temporary = path.join(folder, `fetch-${index}`);
    try {
      const file = await fetcher.fetch(reference, temporary, either, (done, total) => {
        const share = total === null || total === 0 ? null : Math.min(1, done / total);
        progress.underway(String(index), { share, bytes: { done, total } });
      });
      await rename(temporary, originalPath(folder, file.sha256));
      for (const address of addresses) results.set(address, file);
      await leaveOutLargest(results, options);
    } catch (error) {
      either.throwIfAborted();
      await rm(temporary, { force: true });
      if (!(error instanceof KeepsakeError) || !options.isOnlyThisFile(error)) throw error;
      for (const address of addresses) results.set(address, error);
    } finally {
      progress.finish(String(index));
    }
  });
  return results;
}

async function leaveOutLargest(
  results: Map<string, FetchedFile | KeepsakeError>,
  { folder, maxMediaBytes = Infinity }: FetchAllOptions,
): Promise<void> {
  for (;;) {
    const files = new Map<string, FetchedFile>();
    for (const file of results.values()) if (!(file instanceof KeepsakeError)) files.set(file.sha256, file);
    const bySize = [...files.values()].sort(
      (one, other) => other.sizeBytes - one.sizeBytes || (one.sha256 < other.sha256 ? -1 : 1),
    );
    const [largest] = bySize;
    const sum = bySize.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
    if (largest === undefined || sum <= maxMediaBytes) return;
    for (const [reference, file] of results) {
      if (file instanceof KeepsakeError || file.sha256 !== largest.sha256) continue;
      results.set(reference, tooMuch(maxMediaBytes));
    }
    await rm(originalPath(folder, largest.sha256), { force: true });
  }
}

function tooMuch(maxMediaBytes: number): KeepsakeError {
  return new KeepsakeError(
    "media-too-large",
    `The capsule's files are larger than ${Math.round(maxMediaBytes / 1e6)} MB together (KEEPSAKE_MAX_MEDIA_BYTES), ` +
      "and this is one of the largest.",
  );
}
