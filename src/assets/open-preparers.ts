import { rm } from "node:fs/promises";

import { KeepsakeError } from "../errors.js";
import type { Usage } from "../process/messages.js";
import { openFreshChildren, openReusedChildren } from "../process/open-children.js";
import type { Asset } from "../media/asset.js";
import { explainChildFailure } from "./explain-child-failure.js";
import { checkDecoded } from "./check-decoded.js";
import type { Seen } from "./focus/find-focus.js";
import { outputExtensions, outputPath } from "./output-path.js";
import type { DecodedFile, PrepareInput, Thumbnail } from "./prepare-file.js";
import { UnusableFile, type PrepareReport } from "./unusable-file.js";
import { detectedKinds, type DetectedKind } from "./sniff/detected-kind.js";

/** What preparing a file came to. */
export interface PreparedFile extends Omit<DecodedFile, "asset"> {
  readonly asset: Asset;
}

export interface PrepareOptions {
  readonly sizeBytes: number;
  readonly signal: AbortSignal;
  /** Told what each process used, as far as it is known, also when it failed. */
  readonly onUsage?: ((usage: Usage) => void) | undefined;
  /** What the file may be decoded to; by default `maxFileMib`. */
  readonly outputMib?: number | undefined;
  /** Told now and then how much of a long file is done, 0 to 1; null where that is not known. */
  readonly onShare?: ((share: number | null) => void) | undefined;
}

/** The processes that prepare the files of a film; they end with it. */
export interface Preparers extends AsyncDisposable {
  /**
   * @throws KeepsakeError with fault `file`, or that of a process that never got to the file; the signal's reason when
   *   aborted
   */
  prepare(input: PrepareInput, options: PrepareOptions): Promise<PreparedFile>;
  /** As `prepare`, without looking at what is on a photo. */
  decode(input: PrepareInput, options: PrepareOptions): Promise<DecodedFile>;
}

export interface PreparersOptions {
  /** Files that are prepared at most. */
  readonly fileCount: number;
  /** Files at once. */
  readonly concurrency: number;
  /** Private and existing. */
  readonly folder: string;
  /** Files that lie elsewhere than in the folder's film. */
  readonly reads?: readonly string[];
  /** What decoding may take before its size and length earn it more. */
  readonly startSeconds?: number;
}

/** A start, and ten seconds for each megabyte: several times what the slowest codec needs on one core for a photo. */
const baseSeconds = 120;
const secondsPerMegabyte = 10;
/** The most that decoding may earn on top (`work-meter.ts`): an hour of 4K at 60 pictures a second takes half of it. */
const maxEarnedSeconds = 4 * 3600;
/** Several times what 8K video and photos of 100 megapixels were seen to need. */
const decodeLimits = { memoryMib: 2048, openFiles: 128 };
/** Three times the longest sound. */
export const maxFileMib = 4096;
const lookLimits = { memoryMib: 1024, openFiles: 128 };
const lookTimeoutSeconds = 120;

/**
 * Each file is decoded by a process of its own, so that a crash or an endless loop in a decoder costs that file, and
 * none touches the next. Those that look at photos see nothing but pixels of our own making, and go on.
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
  // Looking takes about as long as decoding.
  const most = Math.ceil(concurrency / 2);
  const lookTask = new URL("./focus/focus-child.js", import.meta.url);
  const lookers = openReusedChildren<Thumbnail, Seen>(lookTask, {
    folder,
    limits: lookLimits,
    maxChildren: most,
  });

  const decode: Preparers["decode"] = async (input, options) => {
    const { sizeBytes, signal, onUsage, onShare, outputMib = maxFileMib } = options;
    const timeoutSeconds = Math.round(startSeconds + (sizeBytes / 1_000_000) * secondsPerMegabyte);
    // A decoder of two threads works twice as long as time passes.
    const limits = { cpuSeconds: 2 * (timeoutSeconds + maxEarnedSeconds), outputMib };
    for (let isAgain = false; ; isAgain = true) {
      let begun = false;
      let earned = 0;
      let seen: DetectedKind | null = null;
      const onProgress = (report: PrepareReport): void => {
        begun = true;
        // What a child says is believed no further than its numbers and words are possible.
        if (typeof report === "object") {
          earned = Math.max(earned, readNumber(report?.earnedSeconds, maxEarnedSeconds));
          onShare?.(report?.share == null ? null : readNumber(report.share, 1));
        } else seen = detectedKinds.find((kind) => kind === report) ?? seen;
      };
      const earnedSeconds = (): number => earned;
      try {
        const run = { signal, timeoutSeconds, earnedSeconds, limits, onProgress, onUsage };
        return checkDecoded(await decoders.run(input, run), input);
      } catch (error) {
        await removeOutput(input);
        signal.throwIfAborted();
        // It may have been another process that took all memory.
        if (error instanceof KeepsakeError && error.code === "child-killed" && !isAgain) continue;
        const used = { ...decodeLimits, ...limits, timeoutSeconds: timeoutSeconds + Math.round(earned) };
        const blamed = begun ? explainChildFailure(error, used) : error;
        const isOfFile = blamed instanceof KeepsakeError && blamed.fault === "file";
        throw isOfFile && seen !== null ? new UnusableFile(blamed, seen) : blamed;
      }
    }
  };
  return {
    decode,
    async prepare(input, options) {
      const { asset, ...notes } = await decode(input, options);
      if (asset.kind !== "photo") return { asset, ...notes };
      const { thumbnail, sha256, ...photo } = asset;
      const { signal, onUsage } = options;
      const seen = await lookers.run(thumbnail, { signal, timeoutSeconds: lookTimeoutSeconds, onUsage });
      await rm(thumbnail.path);
      return { asset: { ...photo, ...seen, sha256 }, ...notes };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([decoders[Symbol.asyncDispose](), lookers[Symbol.asyncDispose]()]);
    },
  };
}

/** What a process says that a file may have taken over. */
function readNumber(value: unknown, most: number): number {
  return typeof value === "number" && value > 0 ? Math.min(value, most) : 0;
}

/** An hour of sound that was refused at its end would lie there until the film is made. */
async function removeOutput(input: PrepareInput): Promise<void> {
  for (const extension of outputExtensions) await rm(outputPath(input, extension), { force: true });
}
