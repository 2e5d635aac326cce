import sharp, { type Sharp } from "sharp";

import { KeepsakeError } from "../../errors.js";
import { chooseBackground } from "./choose-background.js";
import type { RgbPicture } from "../../media/pictures/rgb-picture.js";

/** Of a cut-out's longer side: what its mount shows of itself around it. */
const mountShare = 0.08;

/**
 * Makes a picture small enough, sRGB and opaque, on a ground or a mount where it can be seen through.
 *
 * @throws KeepsakeError `media-nothing-inside` for one that is see-through all over
 */
export async function flatten(picture: Sharp, maxSide: number): Promise<RgbPicture> {
  const { colour = "#000000", isCutOut = false, isEmpty = false } = (await chooseBackground(picture)) ?? {};
  if (isEmpty) {
    throw new KeepsakeError(
      "media-nothing-inside",
      "The picture is see-through all over: there is nothing to see.",
    );
  }
  const upright = isCutOut ? sharp(await mount(picture, maxSide)) : picture;
  const { data, info } = await upright
    .resize({ width: maxSide, height: maxSide, fit: "inside", withoutEnlargement: true })
    .flatten({ background: colour })
    .toColourspace("srgb")
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${info.channels} channels`);
  return { data, width: info.width, height: info.height };
}

/** With clear space around it. */
async function mount(picture: Sharp, maxSide: number): Promise<Buffer> {
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
