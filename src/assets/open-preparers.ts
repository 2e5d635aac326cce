import { rm } from "node:fs/promises";

import { retry } from "../async/retry.js";
import { KeepsakeError } from "../errors.js";
import type { Usage } from "../process/messages.js";
import { openFreshChildren, openReusedChildren } from "../process/open-children.js";
import type { Asset } from "../media/asset.js";
import { explainChildFailure } from "./explain-child-failure.js";
import { checkDecoded } from "./check-decoded.js";
import type { PhotoFocus } from "./focus/find-focus.js";
import { outputExtensions, outputPath } from "./output-path.js";
import type { DecodedFile, PrepareInput, PrepareReport } from "./prepare-file.js";
import { detectedKinds, type DetectedKind } from "./sniff/detected-kind.js";
import type { Thumbnail } from "./stills/decoded-photo.js";
import { UnusableFile } from "./unusable-file.js";

/** The result of preparing a file. */
export interface PreparedFile extends Omit<DecodedFile, "asset"> {
  readonly asset: Asset;
}

export interface PrepareOptions {
  readonly sizeBytes: number;
  readonly signal: AbortSignal;
  /** Called with the resource usage of each process, as far as it is known, also when it failed. */
  readonly onUsage?: ((usage: Usage) => void) | undefined;
  /** Limit for the decoded file; by default `maxFileMib`. */
  readonly outputMib?: number | undefined;
  /** Called from time to time with the done share of a long file, 0 to 1; null when it is unknown. */
  readonly onShare?: ((share: number | null) => void) | undefined;
}

/** The processes that prepare the files of a film. They end when it is disposed of. */
export interface Preparers extends AsyncDisposable {
  /**
   * @throws KeepsakeError with fault `file`, or the error of a process that failed before it began to work on the file;
   *   the signal's reason when aborted
   */
  prepare(input: PrepareInput, options: PrepareOptions): Promise<PreparedFile>;
  /** The same as `prepare`, without finding the focus of a photo. */
  decode(input: PrepareInput, options: PrepareOptions): Promise<DecodedFile>;
}

export interface PreparersOptions {
  /** Maximum number of files that will be prepared. */
  readonly fileCount: number;
  /** Number of files that are prepared at once. */
  readonly concurrency: number;
  /** A private folder that exists. */
  readonly folder: string;
  /** Files outside the folder that the processes may read. */
  readonly reads?: readonly string[];
  /** Time for decoding, to which the size and length of a file add. */
  readonly startSeconds?: number;
}

/** Base time and time per megabyte: several times the time that the slowest codec needs for a photo on one core. */
const baseSeconds = 120;
const secondsPerMegabyte = 10;
/** Maximum of the time that decoding earns (`work-meter.ts`). An hour of 4K at 60 pictures per second takes half of it. */
const maxEarnedSeconds = 4 * 3600;
/** Several times the measured needs of 8K video and of photos of 100 megapixels. */
const decodeLimits = { memoryMib: 2048, openFiles: 128 };
/** Three times the size of the longest sound. */
export const maxFileMib = 4096;
const focusLimits = { memoryMib: 1024, openFiles: 128 };
const focusTimeoutSeconds = 120;

/**
 * Opens processes for preparing files. Each file is decoded in a new process, so that a crash or an endless loop in a
 * decoder costs only that file, and no file can affect the next one. The processes that find the focus of photos read only
 * pixels that a decoder wrote, so they are reused.
 */
export function openPreparers({
  fileCount,
  concurrency,
  folder,
  reads,
  startSeconds = baseSeconds,
}: PreparersOptions): Preparers {
  const decodeTask = new URL("./prepare-child.js", import.meta.url);
  const decoders = openFreshChildren<PrepareInput, DecodedFile, PrepareReport>(decodeTask, {
    folder,
    reads,
    limits: decodeLimits,
    ahead: concurrency,
    taskCount: fileCount,
  });
  // Finding the focus of a photo takes about as long as decoding it, and only photos need it.
  const max = Math.ceil(concurrency / 2);
  const focusTask = new URL("./focus/focus-child.js", import.meta.url);
  const focusFinders = openReusedChildren<Thumbnail, PhotoFocus>(focusTask, {
    folder,
    limits: focusLimits,
    maxChildren: max,
  });

  const decode: Preparers["decode"] = async (input, options) => {
    const { sizeBytes, signal, onUsage, onShare, outputMib = maxFileMib } = options;
    const timeoutSeconds = Math.round(startSeconds + (sizeBytes / 1_000_000) * secondsPerMegabyte);
    // A decoder with two threads uses two seconds of CPU time per second.
    const limits = { cpuSeconds: 2 * (timeoutSeconds + maxEarnedSeconds), outputMib };
    let hasBegun = false;
    let earned = 0;
    let detected: DetectedKind | null = null;
    const onProgress = (report: PrepareReport): void => {
      hasBegun = true;
      // A child may be compromised: only possible numbers and words are used.
      if (typeof report === "object") {
        earned = Math.max(earned, readNumber(report?.earnedSeconds, maxEarnedSeconds));
        onShare?.(report?.share == null ? null : readNumber(report.share, 1));
      } else detected = detectedKinds.find((kind) => kind === report) ?? detected;
    };
    const run = { signal, timeoutSeconds, earnedSeconds: () => earned, limits, onProgress, onUsage };
    const decodeOnce = async (): Promise<DecodedFile> => {
      [hasBegun, earned, detected] = [false, 0, null];
      try {
        return checkDecoded(await decoders.run(input, run), input);
      } catch (error) {
        await removeOutput(input);
        throw error;
      }
    };
    try {
      // Another process may have used up all memory, so the task of a process that was killed is run a second time.
      const isWorthRetrying = ({ code }: KeepsakeError): boolean => code === "child-killed";
      return await retry(decodeOnce, { signal, maxRetries: 1, firstDelaySeconds: 0, isWorthRetrying });
    } catch (error) {
      signal.throwIfAborted();
      const used = { ...decodeLimits, ...limits, timeoutSeconds: timeoutSeconds + Math.round(earned) };
      const explained = hasBegun ? explainChildFailure(error, used) : error;
      const isOfFile = explained instanceof KeepsakeError && explained.fault === "file";
      throw isOfFile && detected !== null ? new UnusableFile(explained, detected) : explained;
    }
  };
  return {
    decode,
    async prepare(input, options) {
      const { asset, ...notes } = await decode(input, options);
      if (asset.kind !== "photo") return { asset, ...notes };
      const { thumbnail, sha256, ...photo } = asset;
      const { signal, onUsage } = options;
      const focus = await focusFinders.run(thumbnail, {
        signal,
        timeoutSeconds: focusTimeoutSeconds,
        onUsage,
      });
      await rm(thumbnail.path);
      return { asset: { ...photo, ...focus, sha256 }, ...notes };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([decoders[Symbol.asyncDispose](), focusFinders[Symbol.asyncDispose]()]);
    },
  };
}

/** Reads a number from a process that a file may have compromised. */
function readNumber(value: unknown, max: number): number {
  return typeof value === "number" && value > 0 ? Math.min(value, max) : 0;
}

/** Removes partial output: an hour of sound with an error at its end would otherwise stay until the film is made. */
async function removeOutput(input: PrepareInput): Promise<void> {
  for (const extension of outputExtensions) await rm(outputPath(input, extension), { force: true });
}

/**
 * Prepares one fetched file in its own processes.
 *
 * @throws KeepsakeError as `Preparers.prepare` does
 */
export async function prepareAsset(input: PrepareInput, options: PrepareOptions): Promise<PreparedFile> {
  const { folder, path: file } = input;
  await using preparers = openPreparers({ fileCount: 1, concurrency: 1, folder, reads: [file] });
  return await preparers.prepare(input, options);
}
