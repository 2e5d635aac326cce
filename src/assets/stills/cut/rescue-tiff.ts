import type { RescuedPicture } from "./rescued-picture.js";
import { readTiffDirectory, readTiffNumbers, setTiffNumber, type TiffDirectory } from "./tiff-directory.js";

const tags = {
  imageWidth: 256,
  imageLength: 257,
  stripOffsets: 273,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
} as const;

/** The rows of a TIFF that are there: strips or rows of tiles that end before the file does. */
export function rescueTiff(file: Buffer): RescuedPicture | null {
  const directory = readTiffDirectory(file);
  if (directory === null) return null;
  const [height = 0] = readTiffNumbers(file, directory, tags.imageLength);
  const rows = countWholeRows(file, directory, height);
  if (height === 0 || rows === 0) return null;
  const shorter = Buffer.from(file);
  setTiffNumber(shorter, directory, tags.imageLength, rows);
  return { file: shorter, shownShare: rows / height };
}

/** Whether tiles of the first picture lie behind the file's end: libtiff paints something in their place, and says nothing. */
export function lacksTiffTiles(file: Buffer): boolean {
  const directory = readTiffDirectory(file);
  return (
    directory !== null && readTiffNumbers(file, directory, tags.tileWidth).length > 0 && lacksTiffRows(file)
  );
}

/** Whether a part of the first picture lies behind the file's end, by what its directory says. */
export function lacksTiffRows(file: Buffer): boolean {
  const directory = readTiffDirectory(file);
  if (directory === null) return false;
  const [height = 0] = readTiffNumbers(file, directory, tags.imageLength);
  return countWholeRows(file, directory, height) < height;
}

function countWholeRows(file: Buffer, directory: TiffDirectory, height: number): number {
  const read = (tag: number): number[] => readTiffNumbers(file, directory, tag);
  const [width = 0] = read(tags.imageWidth);
  const [tileWidth = 0] = read(tags.tileWidth);
  const isTiled = tileWidth > 0;
  const [rowsTogether = height] = read(isTiled ? tags.tileLength : tags.rowsPerStrip);
  const across = isTiled ? Math.ceil(width / tileWidth) : 1;
  const offsets = read(isTiled ? tags.tileOffsets : tags.stripOffsets);
  const counts = read(isTiled ? tags.tileByteCounts : tags.stripByteCounts);
  const missing = offsets.findIndex((offset, index) => offset + (counts[index] ?? 0) > file.length);
  return missing === -1 ? height : Math.min(height, Math.floor(missing / across) * rowsTogether);
}
