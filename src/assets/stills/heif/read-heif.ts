import { KeepsakeError } from "../../../errors.js";
import type { StillLayer, StillTransform } from "../../../media/pictures/still-layer.js";
import type { Box } from "../../../mp4/boxes.js";
import { readItems, type HeifItem, type HeifItems } from "./read-items.js";
import { readLayer, type HeifFile } from "./read-layer.js";
import { auxiliaryType, cropOf, iccProfileOf, mirrorOf, rotationOf } from "./properties.js";

/** The picture of a HEIF or AVIF file that is shown. Depth, gain maps, thumbnails and metadata are ignored. */
export interface HeifPicture {
  readonly colour: StillLayer;
  readonly alpha: StillLayer | null;
  /** Whether the colours were multiplied by the alpha. */
  readonly premultiplied: boolean;
  readonly transforms: readonly StillTransform[];
  readonly iccProfile: Buffer | null;
}

const alphaNames = new Set([
  "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
  "urn:mpeg:hevc:2015:auxid:1",
  "urn:mpeg:avc:2015:auxid:1",
]);

/**
 * Reads the description of a HEIF file's primary picture, and decodes nothing. The orientation is that of the properties
 * (`irot`, `imir`; ISO/IEC 23008-12, 6.5.10 and 6.5.12). Phones repeat it in EXIF, which the standard requires to be ignored.
 *
 * @throws KeepsakeError `media-damaged`, `media-codec-unsupported`, `media-limit-exceeded`
 */
export function readHeif(file: Buffer, maxPixels: number): HeifPicture {
  try {
    return readPicture(file, maxPixels);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new KeepsakeError("media-damaged", "The photo is damaged: its description cannot be read.", {
      cause: error,
    });
  }
}

function readPicture(file: Buffer, maxPixels: number): HeifPicture {
  const heif: HeifFile = { file, ...readItems(file) };
  const primary = findShown(heif);
  const alpha = findAlpha(heif, primary);
  const colour = readLayer(heif, primary, maxPixels);
  return {
    colour,
    alpha: alpha === null ? null : readLayer(heif, alpha, maxPixels),
    premultiplied: alpha !== null && primary.refersTo("prem").includes(alpha.id),
    transforms: readTransforms(file, primary, colour),
    iccProfile: findProfile(heif, primary),
  };
}

/** Finds the picture to show: the source of a tone-mapped (`tmap`) or identical (`iden`) derivation, or the primary one. */
function findShown({ primaryId, items }: HeifItems): HeifItem {
  const primary = items.get(primaryId);
  const isAnother = primary?.type === "tmap" || primary?.type === "iden";
  const shown = isAnother ? items.get(primary.refersTo("dimg")[0] ?? -1) : primary;
  if (shown === undefined)
    throw new KeepsakeError(
      "media-damaged",
      "The photo is damaged: it names a picture that it does not contain.",
    );
  return shown;
}

function findAlpha({ file, items }: HeifFile, primary: HeifItem): HeifItem | null {
  for (const item of items.values()) {
    if (!item.refersTo("auxl").includes(primary.id)) continue;
    const description = item.property("auxC");
    if (description !== null && alphaNames.has(auxiliaryType(file, description))) return item;
  }
  return null;
}

/** Finds the profile of the picture, or else of its first tile. */
function findProfile({ file, items }: HeifFile, primary: HeifItem): Buffer | null {
  const tile = items.get(primary.refersTo("dimg")[0] ?? -1);
  for (const item of [primary, ...(tile === undefined ? [] : [tile])]) {
    const profile = iccProfileOf(file, item);
    if (profile !== null) return profile;
  }
  return null;
}

function readTransforms(
  file: Buffer,
  item: HeifItem,
  size: { width: number; height: number },
): StillTransform[] {
  const transforms: StillTransform[] = [];
  let { width, height } = size;
  for (const property of item.properties) {
    const transform = readTransform(file, property, { width, height });
    if (transform === null) continue;
    transforms.push(transform);
    if (transform.kind === "crop") ({ width, height } = transform);
    if (transform.kind === "rotate" && transform.clockwiseDegrees !== 180) [width, height] = [height, width];
  }
  return transforms;
}

function readTransform(
  file: Buffer,
  box: Box,
  size: { width: number; height: number },
): StillTransform | null {
  if (box.type === "irot") return rotationOf(file, box);
  if (box.type === "imir") return mirrorOf(file, box);
  return box.type === "clap" ? cropOf(file, box, size) : null;
}
