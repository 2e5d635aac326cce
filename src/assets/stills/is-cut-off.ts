import { readFile } from "node:fs/promises";

import { lacksTiffRows } from "./cut/rescue-tiff.js";
import type { PictureFormat } from "../sniff/sniff.js";

const pngSignatureBytes = 8;
const pngChunkBytes = 12;
const riffHeaderBytes = 8;
const gifTrailer = 0x3b;

/** Asked of a picture that could not be decoded: does its file end before it should? */
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

/** Programs write a TIFF's directory behind its pixels. */
function hasDirectory(file: Buffer): boolean {
  if (file.length < 8) return false;
  const little = file.toString("latin1", 0, 2) === "II";
  return (little ? file.readUInt32LE(4) : file.readUInt32BE(4)) < file.length;
}
