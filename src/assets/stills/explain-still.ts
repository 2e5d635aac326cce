import { KeepsakeError } from "../../errors.js";
import { readJpeg } from "./cut/read-jpeg.js";
import { readFirstDirectory } from "./read-tiff.js";
import type { PictureFormat } from "../sniff/sniff.js";

const jpegLs = 0xf7;
const lossless: ReadonlySet<number> = new Set([0xc3, 0xc7, 0xcb, 0xcf]);
const hierarchical: ReadonlySet<number> = new Set([0xc5, 0xc6, 0xcd, 0xce]);

const compressionTag = 259;
const uncompressed = 1;

/** Names of the codings of a TIFF by the number in its tag, as listed in libtiff's `tiff.h`. */
const tiffCodings: ReadonlyMap<number, string> = new Map([
  [6, "old-style JPEG"],
  [32_809, "ThunderScan"],
  [34_661, "JBIG"],
  [34_676, "SGI LogLuv"],
  [34_677, "SGI LogLuv"],
  [34_712, "JPEG 2000"],
  [34_887, "LERC"],
  [34_925, "LZMA"],
  [50_000, "Zstandard"],
  [50_001, "WebP"],
  [50_002, "JPEG XL"],
  [52_546, "JPEG XL"],
]);

/**
 * Explains why a picture of a known format cannot be decoded when its coding is the reason.
 *
 * @returns null when its coding is supported
 */
export function explainCoding(file: Buffer, format: PictureFormat): KeepsakeError | null {
  const what = format === "jpeg" ? jpegCoding(file) : format === "tiff" ? tiffCoding(file) : null;
  if (what === null) return null;
  return new KeepsakeError(
    "media-codec-unsupported",
    `The photo is ${what}, which is not supported; export it as an ordinary JPEG.`,
  );
}

function jpegCoding(file: Buffer): string | null {
  const structure = readJpeg(file);
  if (structure === null) return null;
  const { frameMarker, precision } = structure;
  if (frameMarker === jpegLs) return "coded in JPEG-LS";
  if (lossless.has(frameMarker)) return "a lossless JPEG";
  if (hierarchical.has(frameMarker)) return "a hierarchical JPEG";
  return precision === 8 ? null : `a JPEG of ${precision} bits per colour`;
}

function tiffCoding(file: Buffer): string | null {
  const first = readFirstDirectory(file);
  const number = first?.tiff.number(first.directory.fields.get(compressionTag)) ?? uncompressed;
  const name = tiffCodings.get(number);
  return name === undefined ? null : `a TIFF coded in ${name}`;
}
