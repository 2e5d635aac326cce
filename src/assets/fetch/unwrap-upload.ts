import { createHash } from "node:crypto";
import { open, rename, rm, type FileHandle } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import type { FetchedFile } from "./download.js";
import { envelopeHeadBytes, findEnvelope, type Envelope } from "./find-envelope.js";
import { openTargetFile } from "./target-file.js";

const pieceBytes = 1024 * 1024;

/**
 * Replaces a file that was stored with its transport (`findEnvelope`) by the file inside.
 *
 * @param file a fetched file, which may be replaced
 * @param minFreeBytes space that must stay free on the disk
 * @returns null for a file that is not wrapped
 * @throws KeepsakeError `media-empty`, `disk-full`; the signal's reason
 */
export async function unwrapUpload(
  file: string,
  minFreeBytes: number,
  signal: AbortSignal,
): Promise<Pick<FetchedFile, "sizeBytes" | "sha256"> | null> {
  await using source = await open(file);
  const { buffer, bytesRead } = await source.read(Buffer.alloc(envelopeHeadBytes), 0, envelopeHeadBytes, 0);
  const envelope = findEnvelope(buffer.subarray(0, bytesRead));
  if (envelope === null) return null;
  const inside = `${file}.inside`;
  const hash = createHash("sha256");
  try {
    let sizeBytes = 0;
    {
      await using target = await openTargetFile(inside, minFreeBytes);
      for await (const piece of readInside(source, envelope)) {
        signal.throwIfAborted();
        hash.update(piece);
        await target.append(piece);
      }
      ({ sizeBytes } = target);
    }
    if (sizeBytes === 0)
      throw new KeepsakeError("media-empty", "The form that the file was sent in is empty.");
    await rename(inside, file);
    return { sizeBytes, sha256: hash.digest("hex") };
  } finally {
    await rm(inside, { force: true });
  }
}

/** Yields the inner file in pieces, decoded. */
async function* readInside(source: FileHandle, envelope: Envelope): AsyncGenerator<Buffer> {
  const { startBytes, delimiter, isBase64 } = envelope;
  const pieces = readUntil(source, startBytes, delimiter);
  if (!isBase64) {
    yield* pieces;
    return;
  }
  let rest = "";
  for await (const piece of pieces) {
    rest += piece.toString("latin1").replaceAll(/[^A-Za-z\d+/\-_]/g, "");
    const whole = rest.length - (rest.length % 4);
    yield Buffer.from(rest.slice(0, whole), "base64");
    rest = rest.slice(whole);
  }
  yield Buffer.from(rest, "base64");
}

/** Yields pieces up to the delimiter, which may be split between two pieces. */
async function* readUntil(
  source: FileHandle,
  startBytes: number,
  delimiter: Buffer | null,
): AsyncGenerator<Buffer> {
  const overlapBytes = delimiter === null ? 0 : delimiter.length - 1;
  let rest: Buffer = Buffer.alloc(0);
  for (let at = startBytes; ;) {
    const { buffer, bytesRead } = await source.read(Buffer.alloc(pieceBytes), 0, pieceBytes, at);
    at += bytesRead;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    const end = delimiter === null ? -1 : rest.indexOf(delimiter);
    if (end !== -1 || bytesRead === 0) {
      yield end === -1 ? rest : rest.subarray(0, end);
      return;
    }
    const safeBytes = Math.max(0, rest.length - overlapBytes);
    yield rest.subarray(0, safeBytes);
    rest = rest.subarray(safeBytes);
  }
}
