import path from "node:path";

import { openPreparers, type PreparedFile, type PrepareOptions } from "./open-preparers.js";
import type { PrepareInput } from "./prepare-file.js";

/** Where a fetched file lies in the folder of a film's media. */
export function originalPath(folder: string, sha256: string): string {
  return path.join(folder, `${sha256}.original`);
}

/**
 * Prepares one fetched file in processes of its own.
 *
 * @throws KeepsakeError as `Preparers.prepare`
 */
export async function prepareAsset(input: PrepareInput, options: PrepareOptions): Promise<PreparedFile> {
  const { folder, path: file } = input;
  await using preparers = openPreparers({ fileCount: 1, concurrency: 1, folder, reads: [file] });
  return await preparers.prepare(input, options);
}
