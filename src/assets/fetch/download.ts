import { createHash } from "node:crypto";
import type { Readable } from "node:stream";

import { KeepsakeError } from "../../errors.js";
import { versionOf } from "../../http/range-resume.js";
import { openDeadline } from "../../async/deadline.js";
import { retry } from "../../async/retry.js";
import { createStallGuard } from "../../http/stall-guard.js";
import { explainBreak } from "./explain-break.js";
import type { FetchLimits } from "./fetch-limits.js";
import type { MediaSource } from "./media-source.js";
import { openTargetFile } from "./target-file.js";

export interface FetchedFile {
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
  /** Of the answers that it came from; null where they do not say. */
  readonly version: string | null;
}

/** Told how much of a file is here, and how large it says that it is, if it does. */
export type OnBytes = (doneBytes: number, sizeBytes: number | null) => void;

/**
 * Writes a source to a file, taking it up again where it breaks off. What arrives counts, not what headers promise.
 *
 * @throws KeepsakeError `media-too-large`, `media-empty`, `media-unreachable`, `disk-full`, or what the source throws
 */
export async function download(
  source: MediaSource,
  targetPath: string,
  limits: FetchLimits,
  signal: AbortSignal,
  onBytes: OnBytes = () => undefined,
): Promise<FetchedFile> {
  using deadline = openDeadline({ seconds: limits.timeoutSeconds, parent: signal });
  const leastBytes = Math.ceil(limits.minBytesPerSecond * limits.stallSeconds);
  await using file = await openTargetFile(targetPath, limits.minFreeBytes);
  let hash = createHash("sha256");
  let furthestBytes = 0;
  let validator: string | null = null;

  const receive = async (): Promise<void> => {
    using guard = createStallGuard(limits.stallSeconds, leastBytes);
    const connection = AbortSignal.any([deadline.signal, guard.signal]);
    let body: Readable | null = null;
    try {
      const opened = await source.open(file.sizeBytes, connection);
      body = opened.body;
      guard.moved();
      if (opened.offsetBytes !== file.sizeBytes) {
        hash = createHash("sha256");
        await file.restart();
      }
      if (opened.offsetBytes === 0) ({ validator } = opened);
      if ((opened.sizeBytes ?? 0) > limits.maxBytes) throw tooLarge(limits);
      for await (const piece of body as AsyncIterable<Buffer>) {
        connection.throwIfAborted();
        guard.moved(piece.length);
        if (file.sizeBytes + piece.length > limits.maxBytes) throw tooLarge(limits);
        await file.append(piece);
        hash.update(piece);
        furthestBytes = Math.max(furthestBytes, file.sizeBytes);
        onBytes(file.sizeBytes, opened.sizeBytes);
      }
      if (opened.sizeBytes !== null && file.sizeBytes < opened.sizeBytes)
        throw new Error("it ended too early");
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.isOver() || error instanceof KeepsakeError) throw error;
      const why = guard.signal.aborted
        ? `fewer than ${leastBytes} bytes came in ${limits.stallSeconds} s`
        : explainBreak(error);
      throw new KeepsakeError("media-unreachable", `The file's transfer broke off: ${why}.`, {
        cause: error,
      });
    } finally {
      // A body that was not read to its end holds its connection.
      body?.destroy();
    }
  };

  try {
    await retry(receive, {
      signal: deadline.signal,
      maxSeconds: limits.retrySeconds,
      // A few bytes more are no progress, and neither are those that were there before.
      progress: () => Math.floor(furthestBytes / leastBytes),
    });
  } catch (error) {
    if (!signal.aborted && deadline.isOver()) {
      throw new KeepsakeError(
        "media-unreachable",
        `The file did not arrive within ${Math.round(limits.timeoutSeconds)} s.`,
      );
    }
    throw error;
  }
  if (file.sizeBytes === 0) throw new KeepsakeError("media-empty", "The file is empty.");
  const { sizeBytes } = file;
  return { sizeBytes, sha256: hash.digest("hex"), version: versionOf({ validator, sizeBytes }) };
}

function tooLarge({ maxBytes }: FetchLimits): KeepsakeError {
  return new KeepsakeError(
    "media-too-large",
    `The file is larger than ${Math.round(maxBytes / 1e6)} MB (KEEPSAKE_MAX_FILE_BYTES).`,
  );
}
