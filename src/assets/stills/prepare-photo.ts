import { readFile, writeFile } from "node:fs/promises";

import sharp from "sharp";

import { KeepsakeError } from "../../errors.js";
import { maxWholeAspect } from "../../media/asset.js";
import type { DecodedFile, DecodedPhoto } from "../prepare-file.js";
import { toSharp, type DecodedStill, type StillLimits } from "./decoded-still.js";
import { decodeWithSharp, type RemarkedPicture } from "./decode-with-sharp.js";
import { appleContentId } from "./exif-notes.js";
import { flatten } from "./flatten.js";
import { isCutOff } from "./is-cut-off.js";
import { namesColours } from "./names-colours.js";
import { preparedSide } from "./prepared-side.js";
import { readExif } from "./read-exif.js";
import type { RgbPicture } from "../../media/pictures/rgb-picture.js";
import type { PictureFormat } from "../sniff/sniff.js";

/** Largest picture that is decoded: a 200-megapixel phone is let in. */
const maxPixels = 210_000_000;

/** Smaller than any photo, larger than what sites put into pages to count readers. */
const minSide = 32;

/** As much as is looked at to find what matters in a photo. */
const thumbnailSide = 512;

/**
 * Makes a still ready: upright, sRGB, opaque, no larger than a film needs it, without any metadata.
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
): Promise<DecodedFile> {
  const { data, width, height, remarks } = await decode(input.path, format);
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
  const { sha256 } = input;
  const written = height > width * maxWholeAspect ? await readWords({ data, width, height }) : {};
  const livePhotoId = await findLivePhotoId(input.path, format);
  const asset: DecodedPhoto = {
    kind: "photo",
    path: outputPath,
    width,
    height,
    ...written,
    ...(livePhotoId !== null && { livePhotoId }),
    thumbnail,
    sha256,
  };
  return { asset, remarks };
}

async function readWords(picture: RgbPicture): Promise<Pick<DecodedPhoto, "writtenWords">> {
  const { countWrittenWords } = await import("./count-written-words.js");
  return { writtenWords: countWrittenWords(picture) };
}

async function findLivePhotoId(path: string, format: PictureFormat): Promise<string | null> {
  const exif = format === "jpeg" || format === "heif" ? await readExif(path, format) : null;
  return exif === null ? null : appleContentId(exif);
}

async function decode(path: string, format: PictureFormat): Promise<RemarkedPicture> {
  const limits = { maxPixels };
  if (format === "dng" || format === "tiff") {
    const { decodeDng, isDng } = await import("./decode-dng.js");
    if (format === "dng" || (await isDng(path))) return { ...(await decodeDng(path, limits)), remarks: [] };
  }
  const still = await decodeHere(path, format, limits);
  if (still === null) return await decodeWithSharp(path, format, limits);
  const { remarks } = still;
  if (still.channels === 3 && still.iccProfile === null) return { ...still, remarks };
  const picture = await flatten(toSharp(still), preparedSide(still)).catch((cause: unknown) => {
    if (cause instanceof KeepsakeError) throw cause;
    throw new KeepsakeError("media-damaged", "The photo is damaged: its colours cannot be made out.", {
      cause,
    });
  });
  return { ...picture, remarks };
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
): Promise<(DecodedStill & Pick<RemarkedPicture, "remarks">) | null> {
  if (format === "heif") {
    const { decodeHeif } = await import("./decode-heif.js");
    return { ...(await decodeHeif(path, limits)), remarks: [] };
  }
  const isWhole =
    format === "jpeg-xl" || format === "bmp" || (format === "png" && (await namesColours(path)));
  if (!isWhole) return null;
  const { decodeWhole } = await import("./decode-whole.js");
  const file = await readFile(path);
  const isCut = format === "png" && (await isCutOff(path, format));
  if (!isCut) return { ...(await decodeWhole(file, format, limits)), remarks: [] };
  const { remarksOnRescue, rescuePicture } = await import("./cut/rescue-picture.js");
  const rescued = await rescuePicture(file, format);
  if (rescued === null)
    throw new KeepsakeError("media-damaged", "The photo is incomplete: its end is missing.");
  return { ...(await decodeWhole(rescued.file, format, limits)), remarks: remarksOnRescue(rescued) };
}
