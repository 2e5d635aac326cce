import { readFirstDirectory, type TiffDirectory, type TiffReader } from "../read-tiff.js";
import { withTiffNumber } from "./edit-tiff.js";
import type { RescuedPicture } from "./rescued-picture.js";

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

/** Rescues the rows of a TIFF whose strips or rows of tiles arrived completely. */
export function rescueTiff(file: Buffer): RescuedPicture | null {
  const rows = countRows(file);
  if (rows === null || rows.height === 0 || rows.whole === 0) return null;
  return { file: withTiffNumber(file, tags.imageLength, rows.whole), shownShare: rows.whole / rows.height };
}

/** Whether tiles of the first picture are missing at the end: libtiff then shows arbitrary pixels without an error. */
export function lacksTiffTiles(file: Buffer): boolean {
  const first = readFirstDirectory(file);
  return first?.directory.fields.has(tags.tileWidth) === true && lacksTiffRows(file);
}

/** Whether the file ends before the data of its first picture, by the directory. */
export function lacksTiffRows(file: Buffer): boolean {
  const rows = countRows(file);
  return rows !== null && rows.whole < rows.height;
}

function countRows(file: Buffer): { readonly height: number; readonly whole: number } | null {
  const first = readFirstDirectory(file);
  if (first === null) return null;
  const height = first.tiff.number(first.directory.fields.get(tags.imageLength)) ?? 0;
  return { height, whole: countWholeRows(file, first, height) };
}

function countWholeRows(
  file: Buffer,
  { tiff, directory }: { readonly tiff: TiffReader; readonly directory: TiffDirectory },
  height: number,
): number {
  const read = (tag: number): readonly number[] => tiff.numbers(directory.fields.get(tag));
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
