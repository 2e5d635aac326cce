import sharp from "sharp";

import type { RgbPicture } from "../../media/pictures/rgb-picture.js";

const sampleSide = 256;

/**
 * Finds the point that attracts attention in a picture, as fractions of its width and height: the middle of the crop
 * that libvips's attention strategy chooses by edges, saturation and skin. In an empty picture it is the centre.
 */
export async function findAttention(
  picture: RgbPicture,
): Promise<{ readonly x: number; readonly y: number }> {
  const { data, width, height } = picture;
  const sample = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: sampleSide, height: sampleSide, fit: "inside" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { info } = sample;
  // Only half the longer side is cropped away, so nothing is scaled and the point is in pixels of the sample.
  const wide = info.width >= info.height;
  const crop = await sharp(sample.data, { raw: { width: info.width, height: info.height, channels: 3 } })
    .resize({
      width: wide ? Math.ceil(info.width / 2) : info.width,
      height: wide ? info.height : Math.ceil(info.height / 2),
      fit: "cover",
      position: "attention",
    })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { attentionX, attentionY } = crop.info;
  if (attentionX === undefined || attentionY === undefined) return { x: 0.5, y: 0.5 };
  return { x: clamp((attentionX + 0.5) / info.width), y: clamp((attentionY + 0.5) / info.height) };
}

/** Moves a point away from the edge: a bright spot there is never the subject. */
function clamp(fraction: number): number {
  return Math.min(0.85, Math.max(0.15, fraction));
}
