import sharp from "sharp";

import { findWholeRows } from "./find-whole-rows.js";
import type { RescuedPicture } from "./rescued-picture.js";

/** The limit of `decodeWithSharp` for pictures that are decoded as a whole in memory. */
const maxPixels = 100_000_000;

/** Number of rows that VP8 codes together. */
const unitRows = 16;

const riffHeaderBytes = 12;
const chunkHeaderBytes = 8;
/** Offset of the height in a key frame of VP8 (RFC 6386, 9.1): after the tag, the start code and the width. */
const heightOffset = 8;
/** Offset of the height in VP8X: after flags and the width (WebP container specification, extended file format). */
const canvasHeightOffset = 7;

/**
 * Rescues the rows of a lossy WebP that arrived, by a header with their number. A picture with alpha is not rescued,
 * because its alpha plane would have another size, and neither is a lossless one, because its coding depends on its size.
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
    // The two highest bits are a scale that no decoder applies.
    shorter.writeUInt16LE(rows, body + heightOffset);
    if (canvas !== undefined)
      shorter.writeUIntLE(rows - 1, canvas + chunkHeaderBytes + canvasHeightOffset, 3);
    return shorter;
  };
  const rows = await findWholeRows(height, unitRows, (count) => isWhole(withRows(count)));
  return rows === 0 ? null : { file: withRows(rows), shownShare: rows / height };
}

/** Finds the first chunk of each name. */
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
