import { readFile } from "node:fs/promises";

import { lacksTiffRows } from "./cut/rescue-tiff.js";
import { readTiff } from "./read-tiff.js";
import type { PictureFormat } from "../sniff/sniff.js";

const pngSignatureBytes = 8;
const pngChunkBytes = 12;
const riffHeaderBytes = 8;
const gifTrailer = 0x3b;
const minTiffBytes = 8;

/** Whether the file of a picture that could not be decoded ends too early. */
export async function isCutOff(path: string, format: PictureFormat): Promise<boolean> {
  const file = await readFile(path);
  if (format === "png") return !hasLastChunk(file);
  if (format === "webp") return file.length < 12 || file.readUInt32LE(4) + riffHeaderBytes > file.length;
  if (format === "gif") return file.at(-1) !== gifTrailer;
  return format === "tiff" && (!hasDirectory(file) || lacksTiffRows(file));
}

function hasLastChunk(file: Buffer): boolean {
  for (let at = pngSignatureBytes; at + pngChunkBytes <= file.length;) {
    const end = at + pngChunkBytes + file.readUInt32BE(at);
    if (file.toString("latin1", at + 4, at + 8) === "IEND") return true;
    at = end;
  }
  return false;
}

/** Whether a TIFF has its first directory, which programs write after the pixels. */
function hasDirectory(file: Buffer): boolean {
  const tiff = readTiff(file);
  return tiff === null ? file.length >= minTiffBytes : tiff.firstDirectory < file.length;
}
