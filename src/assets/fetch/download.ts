import { createHash } from "node:crypto";
import type { Readable } from "node:stream";

import { KeepsakeError } from "../../errors.js";
import { openDeadline } from "../../async/deadline.js";
import { retry } from "../../async/retry.js";
import { versionOf } from "../../http/file-parts.js";
import { createStallGuard } from "../../http/stall-guard.js";
import { explainBreak } from "./explain-break.js";
import type { FetchLimits } from "./fetch-limits.js";
import type { MediaSource } from "./media-source.js";
import { openTargetFile } from "./target-file.js";

export interface FetchedFile {
  readonly sizeBytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** Version of the file by the replies (`versionOf`); null when they do not describe it. */
  readonly version: string | null;
}

/** Called with the number of bytes that arrived, and the size by the reply; null when the reply does not have it. */
export type OnBytes = (doneBytes: number, sizeBytes: number | null) => void;

/**
 * Writes a source to a file, and continues the transfer after breaks. Limits apply to the bytes that arrive, because
 * headers may be wrong.
 *
 * @throws KeepsakeError `media-too-large`, `media-empty`, `media-unreachable`, `disk-full`, or an error of the source
 */
export async function download(
  source: MediaSource,
  targetPath: string,
  limits: FetchLimits,
  signal: AbortSignal,
  onBytes: OnBytes = () => undefined,
): Promise<FetchedFile> {
  using deadline = openDeadline({ seconds: limits.timeoutSeconds, parent: signal });
  const minBytes = Math.ceil(limits.minBytesPerSecond * limits.stallSeconds);
  await using file = await openTargetFile(targetPath, limits.minFreeBytes);
  let hash = createHash("sha256");
  let furthestBytes = 0;
  let validator: string | null = null;

  const receive = async (): Promise<void> => {
    using guard = createStallGuard(limits.stallSeconds, minBytes);
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
        ? `fewer than ${minBytes} bytes arrived within ${limits.stallSeconds} s`
        : explainBreak(error);
      throw new KeepsakeError("media-unreachable", `The file's transfer broke off: ${why}.`, {
        cause: error,
      });
    } finally {
      // Without this, a body that was not read to its end leaves its connection open.
      body?.destroy();
    }
  };

  try {
    await retry(receive, {
      signal: deadline.signal,
      maxSeconds: limits.retrySeconds,
      // Only whole steps count as progress: a few bytes do not, nor do bytes that are sent again.
      progress: () => Math.floor(furthestBytes / minBytes),
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
