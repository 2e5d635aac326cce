import { readFile, stat } from "node:fs/promises";

import sharp from "sharp";

import { readItems } from "./heif/read-items.js";
import type { PictureFormat } from "../sniff/sniff.js";

/** A TIFF is a structure like EXIF itself, as large as its pixels. */
const maxTiffBytes = 256 * 1024 * 1024;

/**
 * What a camera has noted in a still.
 *
 * @returns a TIFF structure; null where there is none, or where it cannot be read: a photo is shown without it
 */
export async function readExif(path: string, format: PictureFormat): Promise<Buffer | null> {
  try {
    if (format === "heif") return readHeifExif(await readFile(path));
    if (format === "tiff" || format === "dng")
      return (await stat(path)).size > maxTiffBytes ? null : await readFile(path);
    if (format === "jpeg-xl" || format === "bmp") return null;
    const { exif } = await sharp(path, { limitInputPixels: false }).metadata();
    return exif === undefined ? null : withoutMark(exif);
  } catch {
    return null;
  }
}

/** An item of its own, which begins with the place of the structure behind these four bytes (ISO/IEC 23008-12, annex A). */
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
