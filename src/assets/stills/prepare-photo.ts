import { readFile, writeFile } from "node:fs/promises";

import sharp from "sharp";

import { KeepsakeError } from "../../errors.js";
import { maxWholeAspect } from "../../media/asset.js";
import type { DecodedPhoto } from "./decoded-photo.js";
import { toSharp, type DecodedStill, type StillLimits } from "./decoded-still.js";
import { decodeWithSharp, type RemarkedPicture } from "./decode-with-sharp.js";
import { appleContentId } from "./exif-notes.js";
import { flatten } from "./flatten.js";
import { isCutOff } from "./is-cut-off.js";
import { namesColours } from "./names-colours.js";
import { preparedSide } from "./prepared-side.js";
import { openStill, type StillFile } from "./read-exif.js";
import type { RgbPicture } from "../../media/pictures/rgb-picture.js";
import type { PictureFormat } from "../sniff/sniff.js";

/** Limit for a picture; phones take photos of up to 200 megapixels. */
const maxPixels = 210_000_000;

/** No photo is smaller; tracking pixels of web pages are. */
const minSide = 32;

/** Longer side of the copy in which the focus of a photo is searched. */
const thumbnailSide = 512;

export interface PreparedPhoto {
  readonly asset: DecodedPhoto;
  /** Notes for the operator about missing parts. */
  readonly remarks: readonly string[];
}

/**
 * Prepares a still: upright, sRGB, opaque, no larger than a film needs, without metadata.
 *
 * @param output paths for raw RGB: the photo, and a copy of at most 512 pixels on a side
 * @throws KeepsakeError `media-damaged`, `media-limit-exceeded`, `media-nothing-inside`
 */
export async function preparePhoto(
  { path, sha256 }: { readonly path: string; readonly sha256: string },
  format: PictureFormat,
  output: { readonly pixels: string; readonly thumbnail: string },
): Promise<PreparedPhoto> {
  const file = openStill(path, format);
  const { data, width, height, remarks } = await decode(file);
  if (Math.max(width, height) < minSide) {
    throw new KeepsakeError("media-nothing-inside", `The picture has only ${width} × ${height} pixels.`);
  }
  const { data: small, info } = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: thumbnailSide, height: thumbnailSide, fit: "inside", withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const options = { flag: "wx", mode: 0o600 };
  await Promise.all([writeFile(output.pixels, data, options), writeFile(output.thumbnail, small, options)]);
  const thumbnail = { path: output.thumbnail, width: info.width, height: info.height };
  const written = height > width * maxWholeAspect ? await readWords({ data, width, height }) : {};
  const livePhotoId = await findLivePhotoId(file);
  const asset: DecodedPhoto = {
    kind: "photo",
    path: output.pixels,
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

async function findLivePhotoId({ format, readExif }: StillFile): Promise<string | null> {
  const exif = format === "jpeg" || format === "heif" ? await readExif() : null;
  return exif === null ? null : appleContentId(exif);
}

async function decode(file: StillFile): Promise<RemarkedPicture> {
  const { path, format } = file;
  const limits = { maxPixels };
  if (format === "dng" || format === "tiff") {
    const { decodeDng, isDng } = await import("./decode-dng.js");
    if (format === "dng" || (await isDng(path))) return { ...(await decodeDng(path, limits)), remarks: [] };
  }
  const still = await decodeWithFfmpeg(file, limits);
  if (still === null) return await decodeWithSharp(file, limits);
  const { remarks } = still;
  if (still.channels === 3 && still.iccProfile === null) return { ...still, remarks };
  const picture = await flatten(toSharp(still), preparedSide(still)).catch((cause: unknown) => {
    if (cause instanceof KeepsakeError) throw cause;
    throw new KeepsakeError("media-damaged", "The photo is damaged: its colours cannot be read.", {
      cause,
    });
  });
  return { ...picture, remarks };
}

/**
 * Decodes stills that sharp cannot decode, or whose colours it would change. FFmpeg loads slowly, so it is not used for
 * other stills.
 *
 * @returns null for other stills
 */
async function decodeWithFfmpeg(
  still: StillFile,
  limits: StillLimits,
): Promise<(DecodedStill & Pick<RemarkedPicture, "remarks">) | null> {
  const { path, format } = still;
  if (format === "heif") {
    const { decodeHeif } = await import("./decode-heif.js");
    return { ...(await decodeHeif(still, limits)), remarks: [] };
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
