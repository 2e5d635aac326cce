import { readFile, stat } from "node:fs/promises";

import sharp, { type SharpOptions } from "sharp";

import { KeepsakeError } from "../errors.js";
import { checkPixels } from "./check-pixels.js";
import type { StillLimits } from "./decoded-still.js";
import { flatten } from "./flatten.js";
import { isCutOff } from "./is-cut-off.js";
import type { RgbPicture } from "./rgb-picture.js";
import { settleStillColours } from "./settle-still-colours.js";
import type { PictureFormat } from "./sniff.js";

/** A TIFF of more bytes than this for each pixel that would be shown is something else, shown by its thumbnail. */
const maxTiffBytesPerPixel = 100;
/** A small one may be mostly its colour profile. */
const leastRawBytes = 2_000_000;

/** For a picture that is in memory as a whole while it is decoded, and not line by line. */
const maxWholePixels = 100_000_000;
const wholeFormats: ReadonlySet<PictureFormat> = new Set(["webp", "gif"]);

const endOfImage = Buffer.from([0xff, 0xd9]);

/**
 * Decodes a still with libvips, upright by its EXIF orientation.
 *
 * @throws KeepsakeError `media-damaged`, `media-limit-exceeded`, `media-kind-refused`
 */
export async function decodeWithSharp(
  path: string,
  format: PictureFormat,
  { maxPixels, maxSide }: StillLimits,
): Promise<RgbPicture> {
  const decode = async (input: string | Buffer, failOn: SharpOptions["failOn"]): Promise<RgbPicture> => {
    const options = { failOn, limitInputPixels: maxPixels, sequentialRead: true };
    const picture = sharp(input, options).autoOrient();
    return await flatten(await settleStillColours(picture, { path, format, maxSide }), maxSide);
  };
  try {
    // From the header alone, so a bomb's size is known before it goes off.
    const header = await sharp(path, { failOn: "error", limitInputPixels: false }).metadata();
    const { width, height } = header;
    const isWhole = header.isProgressive || wholeFormats.has(format);
    checkPixels(width, height, isWhole ? Math.min(maxPixels, maxWholePixels) : maxPixels);
    if (format === "tiff") await refuseThumbnail(path, width * height);
    // failOn "error": pictures with small flaws that any viewer shows are shown, truncated ones are not.
    return await decode(path, "error");
  } catch (error) {
    if (error instanceof KeepsakeError) throw error;
    if (format !== "jpeg" || !isPrematureEnd(error)) throw await describeDamage(path, format, error);
    // A photo that lacks nothing but its end marker decodes without a warning once it has one.
    return await decode(Buffer.concat([await readFile(path), endOfImage]), "warning").catch(
      (cause: unknown) => {
        throw incomplete(cause);
      },
    );
  }
}

function isPrematureEnd(error: unknown): boolean {
  return error instanceof Error && /premature end/i.test(error.message);
}

/** Cameras' raw files are TIFFs too, with a thumbnail first. */
async function refuseThumbnail(path: string, pixelCount: number): Promise<void> {
  const { size } = await stat(path);
  if (size > Math.max(leastRawBytes, maxTiffBytesPerPixel * pixelCount)) {
    throw new KeepsakeError(
      "media-kind-refused",
      "The file holds a small preview of something that cannot be shown, as a camera's raw picture does; export it as JPEG.",
    );
  }
}

async function describeDamage(path: string, format: PictureFormat, cause: unknown): Promise<KeepsakeError> {
  if (await isCutOff(path, format)) return incomplete(cause);
  return new KeepsakeError("media-damaged", "The photo is damaged: it cannot be decoded.", { cause });
}

function incomplete(cause: unknown): KeepsakeError {
  return new KeepsakeError("media-damaged", "The photo is incomplete: its end is missing.", { cause });
}
