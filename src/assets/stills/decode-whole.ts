import { KeepsakeError } from "../../errors.js";
import { renderStill } from "../../media/pictures/render-still.js";
import type { StillCodec } from "../../media/pictures/still-layer.js";
import { checkPixels } from "./check-pixels.js";
import type { DecodedStill, StillLimits } from "./decoded-still.js";
import { findNamedProfile } from "./find-named-profile.js";
import { preparedSide } from "./prepared-side.js";
import { readBmpHeader } from "./read-bmp-header.js";
import { readJxlSize } from "./read-jxl-size.js";

/** The decoder of JPEG XL needs floating-point memory for the whole picture. */
const maxJxlPixels = 66_000_000;

/**
 * Decodes a file that FFmpeg's decoder reads unchanged: JPEG XL, whose decoder also applies the orientation, BMP, and PNG
 * with a colour space by code points, which libvips ignores.
 *
 * @throws KeepsakeError `media-damaged`, `media-limit-exceeded`
 */
export async function decodeWhole(
  file: Buffer,
  format: "jpeg-xl" | "bmp" | "png",
  { maxPixels }: StillLimits,
): Promise<DecodedStill> {
  const { width, height } = readers[format](file, maxPixels);
  // Rotated, a picture is as high as it was wide, so both sides get the longer length.
  const side = Math.max(width, height);
  const layer = {
    width: side,
    height: side,
    columns: 1,
    tiles: [file],
    tileWidth: width,
    tileHeight: height,
  };
  const codec: StillCodec = format;
  const still = await renderStill(
    { ...layer, codec, config: null, colours: null },
    { transforms: [], maxSide: preparedSide({ width, height }), as: "colour" },
  );
  const iccProfile = still.isToneMapped
    ? null
    : (still.iccProfile ?? findNamedProfile(still.primaries, still.transfer));
  return { ...still, iccProfile };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const readers = { bmp: readBmp, "jpeg-xl": readJxl, png: readPng } as const;

function readPng(file: Buffer, maxPixels: number): Size {
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  checkPixels(width, height, maxPixels);
  return { width, height };
}

function readBmp(file: Buffer, maxPixels: number): Size {
  const { width, height, endBytes } = readBmpHeader(file);
  checkPixels(width, height, maxPixels);
  if (endBytes > file.length)
    throw new KeepsakeError("media-damaged", "The photo is incomplete: its end is missing.");
  return { width, height };
}

function readJxl(file: Buffer, maxPixels: number): Size {
  const size = readJxlSize(file);
  checkPixels(size.width, size.height, Math.min(maxPixels, maxJxlPixels));
  return size;
}
