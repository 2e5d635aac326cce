import { KeepsakeError } from "../../errors.js";

interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Offset of the end of the pixels of an uncompressed picture; 0 for a compressed one. */
  readonly endBytes: number;
}

const oldHeaderBytes = 12;
const uncompressed = 0;

/**
 * Reads the header of a BMP (BITMAPCOREHEADER or BITMAPINFOHEADER of the Windows API).
 *
 * @throws KeepsakeError `media-damaged`
 */
export function readBmpHeader(file: Buffer): BmpHeader {
  if (file.length < 54)
    throw new KeepsakeError("media-damaged", "The photo is incomplete: its end is missing.");
  const isOld = file.readUInt32LE(14) === oldHeaderBytes;
  const width = isOld ? file.readUInt16LE(18) : file.readInt32LE(18);
  // The height is negative when rows are stored from top to bottom.
  const height = Math.abs(isOld ? file.readUInt16LE(20) : file.readInt32LE(22));
  if (width <= 0 || height === 0)
    throw new KeepsakeError("media-damaged", "The photo is damaged: it has no size.");
  const isPlain = isOld || file.readUInt32LE(30) === uncompressed;
  const rowBytes = Math.ceil((width * file.readUInt16LE(isOld ? 24 : 28)) / 32) * 4;
  return { width, height, endBytes: isPlain ? file.readUInt32LE(10) + rowBytes * height : 0 };
}
