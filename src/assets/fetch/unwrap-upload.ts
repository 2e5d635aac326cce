import { createHash } from "node:crypto";
import { open, rename, rm, type FileHandle } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import type { FetchedFile } from "./download.js";
import { envelopeHeadBytes, findEnvelope, type Envelope } from "./find-envelope.js";
import { openTargetFile } from "./target-file.js";

const pieceBytes = 1024 * 1024;

/**
 * Puts the file that was meant to be sent in the place of what it came in, if it came in anything.
 *
 * @param file fetched; is replaced
 * @param minFreeBytes what must stay free on the disk
 * @returns null for a file that is what it is
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

/** In pieces, decoded. */
async function* readInside(source: FileHandle, envelope: Envelope): AsyncGenerator<Buffer> {
  const { startBytes, delimiter, isBase64 } = envelope;
  const pieces = readUntil(source, startBytes, delimiter);
  if (!isBase64) {
    yield* pieces;
    return;
  }
  let held = "";
  for await (const piece of pieces) {
    held += piece.toString("latin1").replaceAll(/[^A-Za-z\d+/\-_]/g, "");
    const whole = held.length - (held.length % 4);
    yield Buffer.from(held.slice(0, whole), "base64");
    held = held.slice(whole);
  }
  yield Buffer.from(held, "base64");
}

/** Up to the delimiter, which may lie across two pieces. */
async function* readUntil(
  source: FileHandle,
  startBytes: number,
  delimiter: Buffer | null,
): AsyncGenerator<Buffer> {
  const keptBytes = delimiter === null ? 0 : delimiter.length - 1;
  let held: Buffer = Buffer.alloc(0);
  for (let at = startBytes; ;) {
    const { buffer, bytesRead } = await source.read(Buffer.alloc(pieceBytes), 0, pieceBytes, at);
    at += bytesRead;
    held = Buffer.concat([held, buffer.subarray(0, bytesRead)]);
    const end = delimiter === null ? -1 : held.indexOf(delimiter);
    if (end !== -1 || bytesRead === 0) {
      yield end === -1 ? held : held.subarray(0, end);
      return;
    }
    const sure = Math.max(0, held.length - keptBytes);
    yield held.subarray(0, sure);
    held = held.subarray(sure);
  }
}
