import { countGifPixels } from "./gif-pixels.js";
import type { RescuedPicture } from "./rescued-picture.js";

const headerBytes = 13;
const descriptorBytes = 10;
const extensionIntroducer = 0x21;
const imageSeparator = 0x2c;
const trailer = 0x3b;
const interlaceFlag = 0x40;

/**
 * Rescues the rows of a GIF's first picture that arrived: the file is closed after its last complete block, and its header
 * gets the number of rows. An interlaced picture has parts of all rows and is not rescued.
 */
export function rescueGif(file: Buffer): RescuedPicture | null {
  const image = findImage(file);
  const flags = image === null ? 0 : (file[image + 9] ?? 0);
  if (image === null || (flags & interlaceFlag) !== 0) return null;
  const [top, width, height] = [
    file.readUInt16LE(image + 3),
    file.readUInt16LE(image + 5),
    file.readUInt16LE(image + 7),
  ];
  const data = image + descriptorBytes + tableBytes(flags) + 1;
  const closed = Buffer.concat([file.subarray(0, endOfBlocks(file, data)), Buffer.from([0, trailer])]);
  const rows = Math.min(height, Math.floor(countGifPixels(closed, data, closed[data - 1] ?? 0) / width));
  if (!(rows > 0)) return null;
  closed.writeUInt16LE(rows, image + 7);
  closed.writeUInt16LE(Math.min(top + rows, file.readUInt16LE(8)), 8);
  return { file: closed, shownShare: rows / height };
}

/** Finds the first image descriptor (GIF89a, 20). */
function findImage(file: Buffer): number | null {
  let at = headerBytes + tableBytes(file[10] ?? 0);
  while (at + descriptorBytes < file.length && file[at] === extensionIntroducer) {
    at = endOfBlocks(file, at + 2) + 1;
  }
  return at + descriptorBytes < file.length && file[at] === imageSeparator ? at : null;
}

function tableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * (2 << (flags & 7));
}

/** Finds the end of the last complete block. The terminator or an incomplete block follows it. */
function endOfBlocks(file: Buffer, start: number): number {
  let at = start;
  for (let size = file[at] ?? 0; size > 0 && at + 1 + size <= file.length; size = file[at] ?? 0)
    at += 1 + size;
  return at;
}
