import { rename, rm } from "node:fs/promises";
import path from "node:path";

import { KeepsakeError } from "../../errors.js";
import type { ReportProgress } from "../../progress.js";
import { mapConcurrent } from "../../async/map-concurrent.js";
import type { Fetcher } from "./create-fetcher.js";
import type { FetchedFile } from "./download.js";
import { createFileProgress } from "./file-progress.js";

export interface FetchAllOptions {
  readonly fetcher: Fetcher;
  /** Files are stored here (`originalPath`). */
  readonly folder: string;
  /** Limit for all files together. */
  readonly maxMediaBytes?: number;
  readonly signal: AbortSignal;
  /** Whether an error concerns this file only. Other errors end the fetching. */
  readonly isOnlyThisFile: (error: KeepsakeError) => boolean;
  readonly onProgress: ReportProgress;
}

/** Number of files that are fetched at once, and so the maximum of connections to one host. */
const maxConcurrentFetches = 4;

/** Path of a fetched file in the folder of a film's media. */
export function originalPath(folder: string, sha256: string): string {
  return path.join(folder, `${sha256}.original`);
}

/**
 * Fetches each file once, also if several messages or addresses name it. When the files together exceed the limit, the
 * largest ones are left out until the others fit. So one person's huge files never displace another person's photos,
 * and the order of arrival does not matter.
 *
 * @returns for each reference its file, or the error
 * @throws KeepsakeError that concerns more than one file; the signal's reason when aborted
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
  await mapConcurrent(
    [...unique.entries()],
    maxConcurrentFetches,
    signal,
    async ([index, addresses], taskSignal) => {
      const [reference = ""] = addresses;
      const temporary = path.join(folder, `fetch-${index}`);
      try {
        const file = await fetcher.fetch(reference, temporary, taskSignal, (done, total) => {
          const share = total === null || total === 0 ? null : Math.min(1, done / total);
          progress.underway(String(index), { share, bytes: { done, total } });
        });
        await rename(temporary, originalPath(folder, file.sha256));
        for (const address of addresses) results.set(address, file);
        await leaveOutLargest(results, options);
      } catch (error) {
        taskSignal.throwIfAborted();
        await rm(temporary, { force: true });
        if (!(error instanceof KeepsakeError) || !options.isOnlyThisFile(error)) throw error;
        for (const address of addresses) results.set(address, error);
      } finally {
        progress.finish(String(index));
      }
    },
  );
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
      results.set(reference, tooLargeTogether(maxMediaBytes));
    }
    await rm(originalPath(folder, largest.sha256), { force: true });
  }
}

function tooLargeTogether(maxMediaBytes: number): KeepsakeError {
  return new KeepsakeError(
    "media-too-large",
    `The capsule's files together are larger than ${Math.round(maxMediaBytes / 1e6)} MB (KEEPSAKE_MAX_MEDIA_BYTES), ` +
      "and this is one of the largest.",
  );
}
