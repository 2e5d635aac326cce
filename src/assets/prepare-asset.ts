import path from "node:path";

import { KeepsakeError } from "../errors.js";
import { runChild } from "../process/run-child.js";
import type { PreparedFile, PrepareInput } from "./prepare-file.js";

export interface PrepareAssetOptions {
  readonly sizeBytes: number;
  readonly signal: AbortSignal;
}

/** Where a fetched file lies in the folder of a film's media. */
export function originalPath(folder: string, sha256: string): string {
  return path.join(folder, `${sha256}.original`);
}

/** A start, and ten seconds for each megabyte: several times what the slowest codec needs on one core. */
const baseTimeoutSeconds = 120;
const secondsPerMegabyte = 10;

/**
 * Prepares one fetched file in a child process, so that a crash or an endless loop in a decoder costs that file.
 *
 * @throws KeepsakeError with fault `file`; the signal's reason when aborted
 */
export async function prepareAsset(input: PrepareInput, options: PrepareAssetOptions): Promise<PreparedFile> {
  const timeoutSeconds = baseTimeoutSeconds + (options.sizeBytes / 1_000_000) * secondsPerMegabyte;
  const task = new URL("./prepare-child.js", import.meta.url);
  let begun = false;
  try {
    return await runChild<PrepareInput, PreparedFile, "begun">(task, input, {
      signal: options.signal,
      timeoutSeconds,
      folder: input.folder,
      onProgress: () => {
        begun = true;
      },
    });
  } catch (error) {
    options.signal.throwIfAborted();
    if (!(error instanceof KeepsakeError) || !begun) throw error;
    if (error.code === "child-timed-out") {
      throw new KeepsakeError(
        "media-preparation-timed-out",
        `Decoding the file took longer than ${Math.round(timeoutSeconds)} s.`,
        { cause: error },
      );
    }
    if (error.code === "child-crashed") {
      throw new KeepsakeError("media-preparation-crashed", "A decoder crashed on the file.", {
        cause: error,
      });
    }
    throw error;
  }
}
