import { mkdir, rename } from "node:fs/promises";
import path from "node:path";
import { performance } from "node:perf_hooks";

import type { Asset } from "../../dist/media/asset.js";
import { createFetcher } from "../../dist/assets/fetch/create-fetcher.js";
import { originalPath } from "../../dist/assets/fetch/fetch-all.js";
import { prepareAsset } from "../../dist/assets/open-preparers.js";
import { KeepsakeError, type ErrorCode } from "../../dist/errors.js";

export interface ExamineOptions {
  /** The folder that the file's path is relative to. */
  readonly corpus: string;
  /** Private and existing; the prepared file stays in it. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Outcome of fetching and preparing one file. */
export interface Examined {
  readonly asset: Asset | null;
  /** Why there is no asset; null where there is one. */
  readonly rejection: { readonly code: ErrorCode; readonly reason: string } | null;
  /** Parts of the file that are left out. */
  readonly remarks: readonly string[];
  readonly milliseconds: number;
  /** Peak memory of the largest process that handled it. */
  readonly peakMib: number;
}

/**
 * Fetches and prepares one file like the files of a capsule.
 *
 * @throws KeepsakeError errors that are not the file's fault; the signal's reason
 */
export async function examineFile(file: string, options: ExamineOptions): Promise<Examined> {
  const { corpus, folder, signal } = options;
  const fetcher = createFetcher({ objects: null, allowedHosts: [], ownOrigin: null, relativeTo: corpus });
  const fetched = path.join(folder, "fetched");
  let peakMib = 0;
  const onUsage = (usage: { readonly peakMib: number }): void => {
    peakMib = Math.max(peakMib, Math.round(usage.peakMib));
  };
  const startMs = performance.now();
  const cost = () => ({ milliseconds: Math.round(performance.now() - startMs), peakMib });
  try {
    // The prefix "./" makes a path of a name that looks like a URL.
    const { sha256, sizeBytes } = await fetcher.fetch(`./${file}`, fetched, signal);
    const prepared = path.join(folder, "media");
    await mkdir(prepared);
    const original = originalPath(prepared, sha256);
    await rename(fetched, original);
    const input = { path: original, sha256, folder: prepared };
    const { asset, remarks, lost } = await prepareAsset(input, { sizeBytes, signal, onUsage });
    const losses = lost === undefined ? [] : [lost.reason];
    return { asset, rejection: null, remarks: [...losses, ...remarks], ...cost() };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KeepsakeError) || error.fault !== "file") throw error;
    return { asset: null, rejection: { code: error.code, reason: error.message }, remarks: [], ...cost() };
  }
}
