import { rm } from "node:fs/promises";

import { KeepsakeError } from "../errors.js";
import { openFreshChildren, openReusedChildren } from "../process/open-children.js";
import type { Asset } from "./asset.js";
import type { Seen } from "./find-focus.js";
import { outputExtensions, outputPath } from "./output-path.js";
import type { DecodedFile, PrepareInput, Thumbnail } from "./prepare-file.js";

/** What preparing a file came to. */
export interface PreparedFile {
  readonly asset: Asset;
  /** What had to be left out, for the operator. */
  readonly remarks: readonly string[];
}

export interface PrepareOptions {
  readonly sizeBytes: number;
  readonly signal: AbortSignal;
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
}

/** A start, and ten seconds for each megabyte: several times what the slowest codec needs on one core. */
const baseTimeoutSeconds = 120;
const secondsPerMegabyte = 10;
const lookTimeoutSeconds = 120;

/**
 * Each file is decoded by a process of its own, so that a crash or an endless loop in a decoder costs that file, and
 * none touches the next. Those that look at photos see nothing but pixels of our own making, and go on.
 */
export function openPreparers({ fileCount, concurrency, folder }: PreparersOptions): Preparers {
  const decodeTask = new URL("./prepare-child.js", import.meta.url);
  const decoders = openFreshChildren<PrepareInput, DecodedFile, "begun">(decodeTask, {
    folder,
    ahead: concurrency,
    taskCount: fileCount,
  });
  // Looking takes about as long as decoding.
  const most = Math.ceil(concurrency / 2);
  const lookTask = new URL("./look-child.js", import.meta.url);
  const lookers = openReusedChildren<Thumbnail, Seen>(lookTask, { folder, most });

  const decode: Preparers["decode"] = async (input, { sizeBytes, signal }) => {
    const timeoutSeconds = baseTimeoutSeconds + (sizeBytes / 1_000_000) * secondsPerMegabyte;
    let begun = false;
    try {
      return await decoders.run(input, {
        signal,
        timeoutSeconds,
        onProgress: () => {
          begun = true;
        },
      });
    } catch (error) {
      await removeOutput(input);
      signal.throwIfAborted();
      throw begun ? blameFile(error, timeoutSeconds) : error;
    }
  };
  return {
    decode,
    async prepare(input, options) {
      const { asset, remarks } = await decode(input, options);
      if (asset.kind !== "photo") return { asset, remarks };
      const { thumbnail, sha256, ...photo } = asset;
      const { signal } = options;
      const seen = await lookers.run(thumbnail, { signal, timeoutSeconds: lookTimeoutSeconds });
      await rm(thumbnail.path);
      return { asset: { ...photo, ...seen, sha256 }, remarks };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([decoders[Symbol.asyncDispose](), lookers[Symbol.asyncDispose]()]);
    },
  };
}

/** An hour of sound that was refused at its end would lie there until the film is made. */
async function removeOutput(input: PrepareInput): Promise<void> {
  for (const extension of outputExtensions) await rm(outputPath(input, extension), { force: true });
}

/** What went wrong once a process was at the file is the file's fault. */
function blameFile(error: unknown, timeoutSeconds: number): unknown {
  if (!(error instanceof KeepsakeError)) return error;
  if (error.code === "child-timed-out") {
    return new KeepsakeError(
      "media-preparation-timed-out",
      `Decoding the file took longer than ${Math.round(timeoutSeconds)} s.`,
      { cause: error },
    );
  }
  if (error.code === "child-crashed") {
    return new KeepsakeError("media-preparation-crashed", "A decoder crashed on the file.", { cause: error });
  }
  return error;
}
