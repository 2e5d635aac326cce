import type { Sharp } from "sharp";

import { toSharp } from "./decoded-still.js";
import { namesAdobeRgb } from "./exif-notes.js";
import { adobeRgbProfile } from "./find-named-profile.js";
import type { ExifReader } from "./read-exif.js";

/**
 * Makes sure that a still is converted from its own colours to sRGB where sharp does not do so by itself: from a profile
 * at 16 bits, and from Adobe RGB that only EXIF names, as cameras write it.
 *
 * @param picture a picture that is upright and not decoded yet
 * @param maxSide required length of the longer side in pixels
 */
export async function resolveColours(
  picture: Sharp,
  { readExif, maxSide }: { readonly readExif: ExifReader; readonly maxSide: number },
): Promise<Sharp> {
  const { icc, space, depth } = await picture.metadata();
  if (icc !== undefined) {
    // Workaround: at 16 bits sharp converts RGB to Display P3 instead of sRGB, and grey not at all (pipeline.cc, 0.35.5).
    const is16Bit = depth === "ushort" && (space === "rgb16" || space === "grey16");
    return is16Bit ? picture.pipelineColourspace(space === "rgb16" ? "srgb" : "b-w") : picture;
  }
  if (space !== "srgb" && space !== "rgb16") return picture;
  const exif = await readExif();
  if (exif === null || !namesAdobeRgb(exif)) return picture;
  const { data, info } = await picture
    .resize({ width: maxSide, height: maxSide, fit: "inside", withoutEnlargement: true })
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels !== 3 && channels !== 4) throw new Error(`The picture has ${channels} channels.`);
  return toSharp({ data, width, height, channels, iccProfile: adobeRgbProfile() });
}
