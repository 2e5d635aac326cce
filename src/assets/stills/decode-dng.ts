import { open, readFile, stat } from "node:fs/promises";

import sharp, { type Sharp } from "sharp";

import { KeepsakeError } from "../../errors.js";
import { checkPixels } from "./check-pixels.js";
import { toSharp, type StillLimits } from "./decoded-still.js";
import { adobeRgbProfile } from "./find-named-profile.js";
import { flatten } from "./flatten.js";
import { preparedSide } from "./prepared-side.js";
import type { RgbPicture } from "../../media/pictures/rgb-picture.js";
import { readTiff, type TiffDirectory, type TiffReader } from "./read-tiff.js";

/** Tags of TIFF 6.0, TIFF/EP and DNG 1.7. */
const tags = {
  compression: 259,
  stripOffsets: 273,
  orientation: 274,
  stripBytes: 279,
  tileOffsets: 324,
  tileBytes: 325,
  subDirectories: 330,
  jpegOffset: 513,
  jpegBytes: 514,
  previewColourSpace: 50970,
} as const;

/** JPEG of TIFF 6.0 and of its later supplement. Raw data has other codings, or other than three colours. */
const jpegCompressions: ReadonlySet<number | null> = new Set([6, 7]);
const adobeRgbSpace = 3;

/** A smaller preview is a thumbnail and cannot replace the photo. */
const minPreviewSide = 640;
const maxDirectories = 64;
const maxFileBytes = 512 * 1024 * 1024;

interface Preview {
  readonly jpeg: Buffer;
  readonly width: number;
  readonly height: number;
  readonly isAdobeRgb: boolean;
}

/**
 * Decodes the largest preview that the camera or an editor put into a raw picture (Adobe DNG): the photo as its author saw
 * it on a screen. The raw data itself is not decoded.
 *
 * @throws KeepsakeError `media-kind-refused` when there is no preview larger than a thumbnail, `media-damaged`,
 *   `media-limit-exceeded`
 */
export async function decodeDng(path: string, { maxPixels }: StillLimits): Promise<RgbPicture> {
  if ((await stat(path)).size > maxFileBytes) throw withoutPreview();
  const file = await readFile(path);
  const tiff = readTiff(file);
  if (tiff === null) throw withoutPreview();
  const directories = listDirectories(tiff);
  const preview = await findLargest(file, tiff, directories);
  if (preview === null || Math.max(preview.width, preview.height) < minPreviewSide) throw withoutPreview();
  checkPixels(preview.width, preview.height, maxPixels);
  const maxSide = preparedSide(preview);
  const orientation = tiff.number(directories[0]?.fields.get(tags.orientation)) ?? 1;
  try {
    return await flatten(await openPreview(preview, orientation, maxSide), maxSide);
  } catch (cause) {
    throw new KeepsakeError("media-damaged", "The photo is damaged: its preview cannot be decoded.", {
      cause,
    });
  }
}

const dngVersionTag = 50706;

/** Whether a TIFF is a DNG by its first directory, which may be anywhere in the file. */
export async function isDng(path: string): Promise<boolean> {
  await using file = await open(path);
  const head = Buffer.alloc(8);
  await file.read(head, 0, 8, 0);
  const isLittle = head.toString("latin1", 0, 2) === "II";
  const uint = (bytes: Buffer, at: number, length: number): number =>
    isLittle ? bytes.readUIntLE(at, length) : bytes.readUIntBE(at, length);
  if (uint(head, 2, 2) !== 42) return false;
  const directory = uint(head, 4, 4);
  await file.read(head, 0, 2, directory);
  const entries = Buffer.alloc(12 * uint(head, 0, 2));
  const { bytesRead } = await file.read(entries, 0, entries.length, directory + 2);
  for (let at = 0; at + 12 <= bytesRead; at += 12) if (uint(entries, at, 2) === dngVersionTag) return true;
  return false;
}

/** Opens the preview upright by the file's orientation, in its own colours. */
async function openPreview(
  { jpeg, isAdobeRgb }: Preview,
  orientation: number,
  maxSide: number,
): Promise<Sharp> {
  const options = { failOn: "error", limitInputPixels: false } as const;
  const { icc } = await sharp(jpeg, options).metadata();
  const { data, info } = await orient(sharp(jpeg, options), orientation)
    .resize({ width: maxSide, height: maxSide, fit: "inside", withoutEnlargement: true })
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const iccProfile = icc === undefined && isAdobeRgb ? adobeRgbProfile() : null;
  return toSharp({ data, width, height, channels: 3, iccProfile });
}

/** Applies an orientation of TIFF 6.0: the picture is mirrored before it is rotated. */
function orient(picture: Sharp, orientation: number): Sharp {
  const degrees = [0, 0, 0, 180, 180, 270, 90, 90, 270][orientation] ?? 0;
  const isMirrored = [2, 4, 5, 7].includes(orientation);
  return isMirrored ? picture.flop().rotate(degrees) : picture.rotate(degrees);
}

function listDirectories(tiff: TiffReader): TiffDirectory[] {
  const found: TiffDirectory[] = [];
  const visited = new Set<number>();
  const places = [tiff.firstDirectory];
  for (let place = places.shift(); place !== undefined; place = places.shift()) {
    const directory = visited.has(place) ? null : tiff.directory(place);
    visited.add(place);
    if (directory === null) continue;
    found.push(directory);
    if (found.length === maxDirectories) break;
    places.push(...tiff.numbers(directory.fields.get(tags.subDirectories)).slice(0, maxDirectories));
    if (directory.next !== 0) places.push(directory.next);
  }
  return found;
}

async function findLargest(
  file: Buffer,
  tiff: TiffReader,
  directories: readonly TiffDirectory[],
): Promise<Preview | null> {
  let largest: Preview | null = null;
  for (const { fields } of directories) {
    const jpeg = findJpeg(file, tiff, fields);
    if (jpeg === null) continue;
    // Raw data may be coded as JPEG as well, lossless or in one or two colours; that is no preview.
    const header = await sharp(jpeg, { limitInputPixels: false })
      .metadata()
      .catch(() => null);
    if (header === null || header.space !== "srgb" || header.channels !== 3) continue;
    if (header.width * header.height <= (largest?.width ?? 0) * (largest?.height ?? 0)) continue;
    const { width, height } = header;
    const isAdobeRgb = tiff.number(fields.get(tags.previewColourSpace)) === adobeRgbSpace;
    largest = { jpeg, width, height, isAdobeRgb };
  }
  return largest;
}

/** Finds the JPEG of a directory that has it as its only strip or tile, or as an old-style interchange stream. */
function findJpeg(file: Buffer, tiff: TiffReader, fields: TiffDirectory["fields"]): Buffer | null {
  const pairs = [
    [tags.jpegOffset, tags.jpegBytes],
    [tags.stripOffsets, tags.stripBytes],
    [tags.tileOffsets, tags.tileBytes],
  ] as const;
  const isJpeg = jpegCompressions.has(tiff.number(fields.get(tags.compression)));
  for (const [offsetTag, lengthTag] of pairs) {
    const [offsets, lengths] = [tiff.numbers(fields.get(offsetTag)), tiff.numbers(fields.get(lengthTag))];
    const [offset, length] = [offsets[0], lengths[0]];
    if (offset === undefined || length === undefined || offsets.length !== 1) continue;
    if (!isJpeg && offsetTag !== tags.jpegOffset) continue;
    if (offset + length <= file.length && length > 4) return file.subarray(offset, offset + length);
  }
  return null;
}

function withoutPreview(): KeepsakeError {
  return new KeepsakeError(
    "media-kind-refused",
    "The file is a camera's raw picture without a usable preview; export it as JPEG.",
  );
}
