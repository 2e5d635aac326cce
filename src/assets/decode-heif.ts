import { readFile } from "node:fs/promises";

import { renderStill } from "../media/render-still.js";
import { addAlpha } from "./add-alpha.js";
import type { DecodedStill, StillLimits } from "./decoded-still.js";
import { preparedSide } from "./prepared-side.js";
import { readHeif } from "./heif/read-heif.js";
import { findNamedProfile } from "./find-named-profile.js";

/**
 * Decodes the picture of a HEIC or AVIF file, upright as the file itself says.
 *
 * @throws KeepsakeError `media-damaged`, `media-codec-unsupported`, `media-limit-exceeded`
 */
export async function decodeHeif(path: string, { maxPixels }: StillLimits): Promise<DecodedStill> {
  const picture = readHeif(await readFile(path), maxPixels);
  const { turns } = picture;
  const maxSide = preparedSide(picture.colour);
  const colour = await renderStill(picture.colour, { turns, maxSide, as: "colour" });
  const named = await findNamedProfile(colour.primaries);
  const iccProfile = colour.isToneMapped ? null : (picture.iccProfile ?? colour.iccProfile ?? named);
  if (picture.alpha === null) return { ...colour, iccProfile };
  const alpha = await renderStill(picture.alpha, { turns, maxSide, as: "grey" });
  return { ...addAlpha(colour, alpha, picture.premultiplied), iccProfile };
}
