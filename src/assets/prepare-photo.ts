import { writeFile } from "node:fs/promises";

import sharp, { type Metadata, type Sharp } from "sharp";

import { KeepsakeError } from "../errors.js";
import type { UnseenPhoto } from "./prepare-file.js";
import { chooseGround } from "./choose-ground.js";
import { toSharp } from "./decoded-still.js";
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

/** Of a cut-out's longer side: what its mount shows of itself around it. */
const mountShare = 0.08;

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
  return { kind: "photo", path: outputPath, width, height, thumbnail, sha256: input.sha256 };
}

async function decode(path: string, format: PictureFormat): Promise<RgbPicture> {
  if (format !== "heif") return await flatten(await openStill(path));
  // FFmpeg takes a while to load: only for those who need it.
  const { decodeHeif } = await import("./decode-heif.js");
  const still = await decodeHeif(path, { maxPixels, maxSide });
  const isReady = still.channels === 3 && still.iccProfile === null;
  return isReady ? still : await flatten(toSharp(still));
}

async function openStill(path: string): Promise<Sharp> {
  // failOn "error": pictures with small flaws that any viewer shows are shown, truncated ones are not.
  const metadata = await readMetadata(path);
  if (metadata.width * metadata.height > maxPixels) {
    throw new KeepsakeError(
      "media-limit-exceeded",
      `The photo has ${metadata.width} × ${metadata.height} pixels, which is too large.`,
    );
  }
  return sharp(path, { failOn: "error", limitInputPixels: maxPixels, sequentialRead: true }).autoOrient();
}

/** From the header alone, so a bomb's size is known before it goes off. */
async function readMetadata(path: string): Promise<Metadata> {
  try {
    return await sharp(path, { failOn: "error", limitInputPixels: false }).metadata();
  } catch (error) {
    throw new KeepsakeError("media-damaged", "The photo cannot be read.", { cause: error });
  }
}

async function flatten(picture: Sharp): Promise<RgbPicture> {
  try {
    const { colour = "#000000", isCutOut = false } = (await chooseGround(picture)) ?? {};
    const upright = isCutOut ? sharp(await mount(picture)) : picture;
    const { data, info } = await upright
      .resize({ width: maxSide, height: maxSide, fit: "inside", withoutEnlargement: true })
      .flatten({ background: colour })
      .toColourspace("srgb")
      .removeAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`${info.channels} channels`);
    return { data, width: info.width, height: info.height };
  } catch (error) {
    throw new KeepsakeError("media-damaged", "The photo is damaged or incomplete.", { cause: error });
  }
}

/** With clear space around it. */
async function mount(picture: Sharp): Promise<Buffer> {
  const { data, info } = await picture
    .resize({ width: maxSide, height: maxSide, fit: "inside", withoutEnlargement: true })
    .toColourspace("srgb")
    .png({ compressionLevel: 1 })
    .toBuffer({ resolveWithObject: true });
  const space = Math.round(Math.max(info.width, info.height) * mountShare);
  return await sharp(data)
    .extend({ top: space, bottom: space, left: space, right: space, background: "#00000000" })
    .png({ compressionLevel: 1 })
    .toBuffer();
}
