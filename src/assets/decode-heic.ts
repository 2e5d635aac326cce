import { readFile } from "node:fs/promises";

import libheif, { type HeifImage, type HeifPixels } from "libheif-js/wasm-bundle.js";
import sharp, { type Sharp } from "sharp";

import { KeepsakeError } from "../errors.js";
import { embedIccProfile } from "./embed-icc-profile.js";
import { isWholeHeif, readHeifColour } from "./heif-boxes.js";

/** H.273 number of the primaries of Display P3, in which phones save. */
const displayP3 = 12;

/**
 * Decodes a phone's HEIC, which sharp's own build cannot. The decoder applies the file's own rotation, so its EXIF
 * orientation must not be followed again.
 *
 * @param limits `maxPixels` before decoding; the longer side of the result is at most `maxSide`
 * @returns an upright picture with its colour profile, for sharp to go on with
 * @throws KeepsakeError `media-damaged`, `media-limit-exceeded`
 */
export async function decodeHeic(
  path: string,
  limits: { readonly maxPixels: number; readonly maxSide: number },
): Promise<Sharp> {
  const file = await readFile(path);
  if (!isWholeHeif(file))
    throw new KeepsakeError("media-damaged", "The photo is incomplete: its end is missing.");
  const { width, height, data } = await decodePrimary(file, limits.maxPixels);
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const small = await sharp(pixels, {
    raw: { width, height, channels: 4 },
    limitInputPixels: limits.maxPixels,
  })
    .resize({ width: limits.maxSide, height: limits.maxSide, fit: "inside", withoutEnlargement: true })
    .png({ compressionLevel: 0 })
    .toBuffer();
  const iccProfile = await findProfile(file);
  return sharp(iccProfile === null ? small : embedIccProfile(small, iccProfile));
}

async function decodePrimary(file: Buffer, maxPixels: number): Promise<HeifPixels> {
  await libheif.ready;
  let images: readonly HeifImage[] = [];
  try {
    images = new libheif.HeifDecoder().decode(file);
    const image = images.find((candidate) => candidate.is_primary()) ?? images[0];
    if (image === undefined)
      throw new KeepsakeError("media-damaged", "The photo holds no picture that can be read.");
    const width = image.get_width();
    const height = image.get_height();
    if (width * height > maxPixels) {
      throw new KeepsakeError(
        "media-limit-exceeded",
        `The photo has ${width} × ${height} pixels, which is too large.`,
      );
    }
    const target = { data: new Uint8ClampedArray(width * height * 4), width, height };
    return await new Promise<HeifPixels>((resolve, reject) => {
      image.display(target, (pixels) => {
        if (pixels === null) reject(new KeepsakeError("media-damaged", "The photo cannot be decoded."));
        else resolve(pixels);
      });
    });
  } catch (error) {
    if (error instanceof KeepsakeError) throw error;
    throw new KeepsakeError("media-damaged", "The photo cannot be decoded.", { cause: error });
  } finally {
    for (const image of images) image.free();
  }
}

/** The file's own profile, or for one that only names Display P3 the profile of that name which sharp brings. */
async function findProfile(file: Buffer): Promise<Buffer | null> {
  const { iccProfile, primaries } = readHeifColour(file);
  if (iccProfile !== null || primaries !== displayP3) return iccProfile;
  const sample = await sharp({ create: { width: 1, height: 1, channels: 3, background: "black" } })
    .withIccProfile("p3")
    .png()
    .toBuffer();
  return (await sharp(sample).metadata()).icc ?? null;
}
