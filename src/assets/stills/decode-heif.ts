import { readFile } from "node:fs/promises";

import { renderStill } from "../../media/pictures/render-still.js";
import { addAlpha } from "./add-alpha.js";
import type { DecodedStill, StillLimits } from "./decoded-still.js";
import { preparedSide } from "./prepared-side.js";
import { namesAdobeRgb } from "./exif-notes.js";
import { readHeif, type HeifPicture } from "./heif/read-heif.js";
import { adobeRgbProfile, findNamedProfile } from "./find-named-profile.js";
import type { ExifReader, StillFile } from "./read-exif.js";

/**
 * Decodes the picture of a HEIC or AVIF file, upright by the properties of the file.
 *
 * @throws KeepsakeError `media-damaged`, `media-codec-unsupported`, `media-limit-exceeded`
 */
export async function decodeHeif(
  { path, readExif }: StillFile,
  { maxPixels }: StillLimits,
): Promise<DecodedStill> {
  const picture = readHeif(await readFile(path), maxPixels);
  const { transforms } = picture;
  const maxSide = preparedSide(picture.colour);
  const colour = await renderStill(picture.colour, { transforms, maxSide, as: "colour" });
  const named =
    findNamedProfile(colour.primaries, colour.transfer) ?? (await findCameraProfile(readExif, picture));
  const iccProfile = colour.isToneMapped ? null : (picture.iccProfile ?? colour.iccProfile ?? named);
  if (picture.alpha === null) return { ...colour, iccProfile };
  const alpha = await renderStill(picture.alpha, { transforms, maxSide, as: "grey" });
  return { ...addAlpha(colour, alpha, picture.premultiplied), iccProfile };
}

/** Finds the profile that EXIF names, for a picture that does not describe its colours itself. */
async function findCameraProfile(
  readExif: ExifReader,
  { colour, iccProfile }: HeifPicture,
): Promise<Buffer | null> {
  if (colour.colours !== null || iccProfile !== null) return null;
  const exif = await readExif();
  return exif !== null && namesAdobeRgb(exif) ? adobeRgbProfile() : null;
}
