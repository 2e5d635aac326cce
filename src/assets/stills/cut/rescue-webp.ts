import sharp from "sharp";

import { findWholeRows } from "./find-whole-rows.js";
import type { RescuedPicture } from "./rescued-picture.js";

/** As `decodeWithSharp` has it for pictures that are in memory as a whole. */
const maxPixels = 100_000_000;

/** Rows that VP8 codes together. */
const unitRows = 16;

const riffHeaderBytes = 12;
const chunkHeaderBytes = 8;
/** In a key frame of VP8 (RFC 6386, 9.1): behind three bytes of its tag, three of a start code, and the width. */
const heightOffset = 8;
/** In VP8X, behind flags and the width (WebP container specification, extended file format). */
const canvasHeightOffset = 7;

/**
 * The rows of a lossy WebP that are there: a frame that says it has no more of them is whole. One with alpha, which
 * would be of another size then, is let be; so is a lossless one, whose parts all depend on its size.
 */
export async function rescueWebp(file: Buffer): Promise<RescuedPicture | null> {
  const chunks = readChunks(file);
  const frame = chunks.get("VP8 ");
  if (frame === undefined || chunks.has("ALPH") || chunks.has("ANIM")) return null;
  const body = frame + chunkHeaderBytes;
  if (file.length < body + heightOffset + 2) return null;
  const height = file.readUInt16LE(body + heightOffset) & 0x3fff;
  const canvas = chunks.get("VP8X");
  const withRows = (rows: number): Buffer => {
    const padding = Buffer.alloc((file.length - body) & 1);
    const shorter = Buffer.concat([file, padding]);
    shorter.writeUInt32LE(shorter.length - 8, 4);
    shorter.writeUInt32LE(file.length - body, frame + 4);
    // Its two highest bits are a scale that nobody follows.
    shorter.writeUInt16LE(rows, body + heightOffset);
    if (canvas !== undefined)
      shorter.writeUIntLE(rows - 1, canvas + chunkHeaderBytes + canvasHeightOffset, 3);
    return shorter;
  };
  const rows = await findWholeRows(height, unitRows, (count) => isWhole(withRows(count)));
  return rows === 0 ? null : { file: withRows(rows), shownShare: rows / height };
}

/** Where each chunk begins, the first of each name. */
function readChunks(file: Buffer): Map<string, number> {
  const chunks = new Map<string, number>();
  for (let at = riffHeaderBytes; at + chunkHeaderBytes <= file.length;) {
    const type = file.toString("latin1", at, at + 4);
    if (!chunks.has(type)) chunks.set(type, at);
    const sizeBytes = file.readUInt32LE(at + 4);
    at += chunkHeaderBytes + sizeBytes + (sizeBytes & 1);
  }
  return chunks;
}

async function isWhole(file: Buffer): Promise<boolean> {
  return await sharp(file, { failOn: "error", limitInputPixels: maxPixels })
    .extractChannel(0)
    .raw()
    .toBuffer()
    .then(
      () => true,
      () => false,
    );
}
