import { readFile, stat } from "node:fs/promises";

import sharp from "sharp";

import type { PictureFormat } from "../sniff/sniff.js";
import { readItems } from "./heif/read-items.js";

/** Reads the EXIF block of a still: a TIFF structure; null when there is none, or when it cannot be read. */
export type ExifReader = () => Promise<Buffer | null>;

/** A still. Its EXIF block is read only once. */
export interface StillFile {
  readonly path: string;
  readonly format: PictureFormat;
  readonly readExif: ExifReader;
}

export function openStill(path: string, format: PictureFormat): StillFile {
  let exif: Promise<Buffer | null> | null = null;
  // A photo whose EXIF block is damaged is shown without it.
  return { path, format, readExif: () => (exif ??= readExif(path, format).catch(() => null)) };
}

/** A TIFF file is itself a structure like EXIF, but as large as its pixels. */
const maxTiffBytes = 256 * 1024 * 1024;

async function readExif(path: string, format: PictureFormat): Promise<Buffer | null> {
  if (format === "heif") return readHeifExif(await readFile(path));
  if (format === "tiff" || format === "dng") {
    return (await stat(path)).size > maxTiffBytes ? null : await readFile(path);
  }
  if (format === "jpeg-xl" || format === "bmp") return null;
  const { exif } = await sharp(path, { limitInputPixels: false }).metadata();
  return exif === undefined ? null : withoutMark(exif);
}

/** Reads the item with EXIF, whose first four bytes are the offset of the structure (ISO/IEC 23008-12, annex A). */
function readHeifExif(file: Buffer): Buffer | null {
  const { primaryId, items, readItem } = readItems(file);
  const exifItems = [...items.values()].filter(({ type }) => type === "Exif");
  const item = exifItems.find((one) => one.refersTo("cdsc").includes(primaryId)) ?? exifItems[0];
  if (item === undefined) return null;
  const data = readItem(item.id);
  return data.subarray(4 + data.readUInt32BE(0));
}

const mark = "Exif\0\0";

function withoutMark(exif: Buffer): Buffer {
  return exif.toString("latin1", 0, mark.length) === mark ? exif.subarray(mark.length) : exif;
}
