import sharp, { type Sharp } from "sharp";

import { KeepsakeError } from "../../errors.js";
import { chooseBackground } from "./choose-background.js";
import type { RgbPicture } from "../../media/pictures/rgb-picture.js";

/** Width of the border around a cut-out, as a share of its longer side. */
const borderShare = 0.08;

/**
 * Scales a picture down and makes it sRGB and opaque. A transparent picture gets a background, and a cut-out a border too.
 *
 * @throws KeepsakeError `media-nothing-inside` for a picture that is transparent everywhere
 */
export async function flatten(picture: Sharp, maxSide: number): Promise<RgbPicture> {
  const { colour = "#000000", isCutOut = false, isEmpty = false } = (await chooseBackground(picture)) ?? {};
  if (isEmpty) {
    throw new KeepsakeError(
      "media-nothing-inside",
      "The picture is transparent everywhere: there is nothing to see.",
    );
  }
  const upright = isCutOut ? sharp(await addBorder(picture, maxSide)) : picture;
  const { data, info } = await upright
    .resize({ width: maxSide, height: maxSide, fit: "inside", withoutEnlargement: true })
    .flatten({ background: colour })
    .toColourspace("srgb")
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`The picture has ${info.channels} channels.`);
  return { data, width: info.width, height: info.height };
}

/** Adds a transparent border. */
async function addBorder(picture: Sharp, maxSide: number): Promise<Buffer> {
  const { data, info } = await picture
    .resize({ width: maxSide, height: maxSide, fit: "inside", withoutEnlargement: true })
    .toColourspace("srgb")
    .png({ compressionLevel: 1 })
    .toBuffer({ resolveWithObject: true });
  const space = Math.round(Math.max(info.width, info.height) * borderShare);
  return await sharp(data)
    .extend({ top: space, bottom: space, left: space, right: space, background: "#00000000" })
    .png({ compressionLevel: 1 })
    .toBuffer();
}
