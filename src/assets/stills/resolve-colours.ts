import type { Sharp } from "sharp";

import { toSharp } from "./decoded-still.js";
import { saysAdobeRgb } from "./exif-notes.js";
import { adobeRgbProfile } from "./find-named-profile.js";
import { readExif } from "./read-exif.js";
import type { PictureFormat } from "../sniff/sniff.js";

interface StillFile {
  readonly path: string;
  readonly format: PictureFormat;
  /** Of the longer side that is wanted. */
  readonly maxSide: number;
}

/**
 * Sees to it that a still is converted from its own colours to sRGB where sharp does not: from a profile at 16 bits, and
 * from Adobe RGB that EXIF alone names, as cameras do.
 *
 * @param picture not decoded yet, upright
 */
export async function resolveColours(picture: Sharp, { path, format, maxSide }: StillFile): Promise<Sharp> {
  const { icc, space, depth } = await picture.metadata();
  if (icc !== undefined) {
    // At 16 bits sharp converts RGB to Display P3 instead of sRGB, and grey not at all (pipeline.cc, 0.35.5).
    const is16Bit = depth === "ushort" && (space === "rgb16" || space === "grey16");
    return is16Bit ? picture.pipelineColourspace(space === "rgb16" ? "srgb" : "b-w") : picture;
  }
  if (space !== "srgb" && space !== "rgb16") return picture;
  const exif = await readExif(path, format);
  if (exif === null || !saysAdobeRgb(exif)) return picture;
  const { data, info } = await picture
    .resize({ width: maxSide, height: maxSide, fit: "inside", withoutEnlargement: true })
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels !== 3 && channels !== 4) throw new Error(`${channels} channels`);
  return toSharp({ data, width, height, channels, iccProfile: adobeRgbProfile() });
}
