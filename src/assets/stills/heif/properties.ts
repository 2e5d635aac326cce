import { KeepsakeError } from "../../../errors.js";
import type { CodedColours, StillTransform } from "../../../media/pictures/still-layer.js";
import { createBoxReader, type Box } from "../../../mp4/boxes.js";
import type { HeifItem } from "./read-items.js";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Reads the property `ispe`: the size of a picture before its orientation. */
export function sizeOf(file: Buffer, item: HeifItem): Size {
  const box = item.property("ispe");
  if (box === null)
    throw new KeepsakeError("media-damaged", "The photo is damaged: it does not have a size.");
  const reader = createBoxReader(file, box);
  reader.skip(4);
  return { width: reader.uint(4), height: reader.uint(4) };
}

/** Reads the property `auxC`: the purpose of an auxiliary picture, as a name. */
export function auxiliaryType(file: Buffer, { start, end }: Box): string {
  const text = file.toString("latin1", start + 4, end);
  const [name = ""] = text.split("\0");
  return name;
}

/** Reads a property `colr` with an ICC profile. */
export function iccProfileOf(file: Buffer, item: HeifItem): Buffer | null {
  for (const { start, end } of colourBoxes(item)) {
    const type = file.toString("latin1", start, start + 4);
    if ((type === "prof" || type === "rICC") && end - start > 4) return file.subarray(start + 4, end);
  }
  return null;
}

/** Reads a property `colr` with code points. */
export function codedColoursOf(file: Buffer, item: HeifItem): CodedColours | null {
  for (const box of colourBoxes(item)) {
    const reader = createBoxReader(file, box);
    if (reader.text(4) !== "nclx") continue;
    const [primaries, transfer, matrix] = [reader.uint(2), reader.uint(2), reader.uint(2)];
    return { primaries, transfer, matrix, fullRange: reader.uint(1) >= 0x80 };
  }
  return null;
}

function colourBoxes(item: HeifItem): readonly Box[] {
  return item.properties.filter(({ type, start, end }) => type === "colr" && end - start >= 4);
}

/** Reads the property `irot`: anticlockwise quarter turns. */
export function rotationOf(file: Buffer, box: Box): StillTransform | null {
  const quarters = createBoxReader(file, box).uint(1) & 3;
  if (quarters === 0) return null;
  return { kind: "rotate", clockwiseDegrees: quarters === 1 ? 270 : quarters === 2 ? 180 : 90 };
}

/** Reads the property `imir`: 0 exchanges top and bottom, 1 left and right (ISO/IEC 23008-12:2022, 6.5.12). */
export function mirrorOf(file: Buffer, box: Box): StillTransform {
  return { kind: "mirror", swaps: (createBoxReader(file, box).uint(1) & 1) === 0 ? "ends" : "sides" };
}

/**
 * Reads the property `clap` (ISO/IEC 14496-12, 12.1.4): size of the crop, and distance of its centre from the picture's
 * centre, as fractions. Invalid values crop nothing.
 */
export function cropOf(file: Buffer, box: Box, size: Size): StillTransform | null {
  const reader = createBoxReader(file, box);
  const fraction = (): number => {
    const over = reader.signed32();
    return over / reader.signed32();
  };
  const [width, height] = [Math.round(fraction()), Math.round(fraction())];
  const x = Math.round(fraction() + (size.width - width) / 2);
  const y = Math.round(fraction() + (size.height - height) / 2);
  const isInside = x >= 0 && y >= 0 && x + width <= size.width && y + height <= size.height;
  const isWhole = width === size.width && height === size.height;
  return isInside && !isWhole && width > 0 && height > 0 ? { kind: "crop", x, y, width, height } : null;
}
