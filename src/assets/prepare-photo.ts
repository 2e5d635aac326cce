import { writeFile } from "node:fs/promises";

import sharp from "sharp";

import { KeepsakeError } from "../errors.js";
import type { UnseenPhoto } from "./prepare-file.js";
import { toSharp, type DecodedStill, type StillLimits } from "./decoded-still.js";
import { decodeDng, isDng } from "./decode-dng.js";
import { decodeWithSharp } from "./decode-with-sharp.js";
import { appleContentId } from "./exif-notes.js";
import { flatten } from "./flatten.js";
import { namesColours } from "./names-colours.js";
import { readExif } from "./read-exif.js";
import type { RgbPicture } from "./rgb-picture.js";
import type { PictureFormat } from "./sniff.js";

/** Largest picture that is decoded: a 200-megapixel phone is let in. */
const maxPixels = 210_000_000;

/** Longest side of a prepared photo: more than a film needs at its closest zoom. */
const maxSide = 4096;

/** Smaller than any photo, larger than what sites put into pages to count readers. */
const minSide = 32;

/** As much as is looked at to find what matters in a photo. */
const thumbnailSide = 512;

/**
 * Makes a still ready: upright, sRGB, opaque, at most 4096 pixels long, without any metadata.
 *
 * @param outputPath where the raw RGB goes
 * @param thumbnailPath where raw RGB of at most 512 pixels a side goes
 * @throws KeepsakeError `media-damaged`, `media-limit-exceeded`, `media-nothing-inside`
 */
export async function preparePhoto(
  input: { readonly path: string; readonly sha256: string },
  format: PictureFormat,
  outputPath: string,
  thumbnailPath: string,
): Promise<UnseenPhoto> {
  const { data, width, height } = await decode(input.path, format);
  if (Math.max(width, height) < minSide) {
    throw new KeepsakeError("media-nothing-inside", `The picture has only ${width} × ${height} pixels.`);
  }
  const { data: small, info } = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: thumbnailSide, height: thumbnailSide, fit: "inside", withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const options = { flag: "wx", mode: 0o600 };
  await Promise.all([writeFile(outputPath, data, options), writeFile(thumbnailPath, small, options)]);
  const thumbnail = { path: thumbnailPath, width: info.width, height: info.height };
  const livePhotoId = await findLivePhotoId(input.path, format);
  return {
    kind: "photo",
    path: outputPath,
    width,
    height,
    ...(livePhotoId !== null && { livePhotoId }),
    thumbnail,
    sha256: input.sha256,
  };
}

async function findLivePhotoId(path: string, format: PictureFormat): Promise<string | null> {
  const exif = format === "jpeg" || format === "heif" ? await readExif(path, format) : null;
  return exif === null ? null : appleContentId(exif);
}

async function decode(path: string, format: PictureFormat): Promise<RgbPicture> {
  const limits = { maxPixels, maxSide };
  if (format === "dng" || (format === "tiff" && (await isDng(path)))) return await decodeDng(path, limits);
  const still = await decodeHere(path, format, limits);
  if (still === null) return await decodeWithSharp(path, format, limits);
  if (still.channels === 3 && still.iccProfile === null) return still;
  return await flatten(toSharp(still), maxSide).catch((cause: unknown) => {
    throw new KeepsakeError("media-damaged", "The photo is damaged: its colours cannot be made out.", {
      cause,
    });
  });
}

/**
 * FFmpeg takes a while to load: only for those that sharp cannot decode, or not with their colours.
 *
 * @returns null for the others
 */
async function decodeHere(
  path: string,
  format: PictureFormat,
  limits: StillLimits,
): Promise<DecodedStill | null> {
  if (format === "heif") {
    const { decodeHeif } = await import("./decode-heif.js");
    return await decodeHeif(path, limits);
  }
  const isWhole =
    format === "jpeg-xl" || format === "bmp" || (format === "png" && (await namesColours(path)));
  if (!isWhole) return null;
  const { decodeWhole } = await import("./decode-whole.js");
  return await decodeWhole(path, format, limits);
}
