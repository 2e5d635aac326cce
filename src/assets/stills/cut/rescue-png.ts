import { constants, deflateSync, inflateSync } from "node:zlib";

import { readPngChunks, writePngChunk } from "./png-chunks.js";
import type { RescuedPicture } from "./rescued-picture.js";

/** A picture of 100 megapixels with alpha has less. */
const maxInflatedBytes = 420_000_000;

/** Number of values of a pixel by colour type (PNG specification, third edition, table 12). */
const channelsByColourType: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

const signatureBytes = 8;
const headerBytes = 13;

/** A pass over the picture: its first column and row, and the steps to the next ones (8.2). */
type Pass = readonly [firstColumn: number, firstRow: number, columnStep: number, rowStep: number];

const onePass: readonly Pass[] = [[0, 0, 1, 1]];
const adam7: readonly Pass[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** Rescues the rows of a PNG that arrived, and compresses them again. An interlaced PNG has seven passes. */
export function rescuePng(file: Buffer): RescuedPicture | null {
  const chunks = readPngChunks(file);
  const header = chunks.find(({ type }) => type === "IHDR")?.body;
  if (header?.length !== headerBytes) return null;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const bitsPerPixel = (header[8] ?? 0) * (channelsByColourType[header[9] ?? -1] ?? 0);
  if (width * height * bitsPerPixel === 0 || (width * height * bitsPerPixel) / 8 > maxInflatedBytes)
    return null;
  const passes = (header[12] === 0 ? onePass : adam7)
    .map((pass) => ({
      rowBytes: 1 + Math.ceil((countSteps(width, pass[0], pass[2]) * bitsPerPixel) / 8),
      rowsOf: (rows: number) => countSteps(rows, pass[1], pass[3]),
    }))
    .filter(({ rowBytes }) => rowBytes > 1);
  const compressed = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ body }) => body));
  const pixels = inflateExistingPart(compressed);
  if (pixels === null) return null;
  let passStart = 0;
  let rows = height;
  const starts: number[] = [];
  for (const { rowBytes, rowsOf } of passes) {
    starts.push(passStart);
    const there = Math.max(0, Math.floor((pixels.length - passStart) / rowBytes));
    while (rows > 0 && rowsOf(rows) > there) rows -= 1;
    passStart += rowBytes * rowsOf(height);
  }
  if (rows === 0) return null;
  const rescued = passes.map(({ rowBytes, rowsOf }, index) => {
    const start = starts[index] ?? 0;
    return pixels.subarray(start, start + rowBytes * rowsOf(rows));
  });
  const shorter = Buffer.from(header);
  shorter.writeUInt32BE(rows, 4);
  const before = chunks
    .slice(
      0,
      chunks.findIndex(({ type }) => type === "IDAT"),
    )
    .map(({ type, body }) => writePngChunk(type, type === "IHDR" ? shorter : body));
  const data = deflateSync(Buffer.concat(rescued), { level: constants.Z_BEST_SPEED });
  const end = [writePngChunk("IDAT", data), writePngChunk("IEND", Buffer.alloc(0))];
  const whole = Buffer.concat([file.subarray(0, signatureBytes), ...before, ...end]);
  return { file: whole, shownShare: rows / height };
}

/** Counts the columns or rows of a pass within a length. */
function countSteps(length: number, first: number, step: number): number {
  return Math.max(0, Math.ceil((length - first) / step));
}

/** @returns null when the data is invalid, and not just incomplete */
function inflateExistingPart(compressed: Buffer): Buffer | null {
  try {
    return inflateSync(compressed, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: maxInflatedBytes,
    });
  } catch {
    return null;
  }
}
