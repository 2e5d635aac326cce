import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";

import { KeepsakeError } from "../errors.js";
import { retryTemporary } from "../retry-temporary.js";
import { createStallGuard } from "../stall-guard.js";
import type { MediaSource } from "./media-source.js";

export interface FetchLimits {
  readonly maxBytes: number;
  /** For the whole file, with all its retries. */
  readonly timeoutSeconds: number;
  /** A connection on which no byte arrives for so long is cut and opened again where it broke off. */
  readonly stallSeconds: number;
  /** How long temporary trouble is waited out while nothing arrives. */
  readonly retrySeconds: number;
}

/** Two gigabytes is about five minutes of a phone's 4K video. */
export const defaultFetchLimits: FetchLimits = {
  maxBytes: 2 * 1024 ** 3,
  timeoutSeconds: 1800,
  stallSeconds: 30,
  retrySeconds: 60,
};

export interface FetchedFile {
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
}

/**
 * Writes a source to a file, taking it up again where it breaks off. What arrives counts, not what headers promise.
 *
 * @throws KeepsakeError `media-too-large`, `media-empty`, `media-unreachable`, or what the source throws
 */
export async function download(
  source: MediaSource,
  targetPath: string,
  limits: FetchLimits,
  signal: AbortSignal,
): Promise<FetchedFile> {
  const timeout = AbortSignal.timeout(limits.timeoutSeconds * 1000);
  const either = AbortSignal.any([signal, timeout]);
  const file = await open(targetPath, "wx", 0o600);
  let hash = createHash("sha256");
  let sizeBytes = 0;

  const receive = async (): Promise<void> => {
    using guard = createStallGuard(limits.stallSeconds);
    const connection = AbortSignal.any([either, guard.signal]);
    let body: Readable | null = null;
    try {
      const opened = await source.open(sizeBytes, connection);
      body = opened.body;
      guard.moved();
      if (opened.offsetBytes !== sizeBytes) {
        hash = createHash("sha256");
        sizeBytes = 0;
        await file.truncate(0);
      }
      if ((opened.sizeBytes ?? 0) > limits.maxBytes) throw tooLarge(limits);
      for await (const piece of body as AsyncIterable<Buffer>) {
        connection.throwIfAborted();
        guard.moved();
        if (sizeBytes + piece.length > limits.maxBytes) throw tooLarge(limits);
        await file.write(piece, 0, piece.length, sizeBytes);
        hash.update(piece);
        sizeBytes += piece.length;
      }
      if (opened.sizeBytes !== null && sizeBytes < opened.sizeBytes)
        throw new Error("the file ended too early");
    } catch (error) {
      signal.throwIfAborted();
      if (timeout.aborted || error instanceof KeepsakeError) throw error;
      const why = guard.signal.aborted ? `no byte came for ${limits.stallSeconds} s` : String(error);
      throw new KeepsakeError("media-unreachable", `The file's transfer broke off: ${why}.`, {
        cause: error,
      });
    }
  };

  try {
    await retryTemporary(receive, {
      signal: either,
      maxSeconds: limits.retrySeconds,
      progress: () => sizeBytes,
    });
  } catch (error) {
    if (!signal.aborted && timeout.aborted) {
      throw new KeepsakeError(
        "media-unreachable",
        `The file did not arrive within ${limits.timeoutSeconds} s.`,
      );
    }
    throw error;
  } finally {
    await file.close();
  }
  if (sizeBytes === 0) throw new KeepsakeError("media-empty", "The file is empty.");
  return { sizeBytes, sha256: hash.digest("hex") };
}

function tooLarge({ maxBytes }: FetchLimits): KeepsakeError {
  const megabytes = Math.round(maxBytes / 1024 ** 2);
  return new KeepsakeError("media-too-large", `The file is larger than ${megabytes} MB.`);
}
