import { KeepsakeError } from "../../errors.js";
import { renderStill } from "../../media/pictures/render-still.js";
import type { StillCodec } from "../../media/pictures/still-layer.js";
import { checkPixels } from "./check-pixels.js";
import type { DecodedStill, StillLimits } from "./decoded-still.js";
import { findNamedProfile } from "./find-named-profile.js";
import { preparedSide } from "./prepared-side.js";
import { readBmpHeader } from "./read-bmp-header.js";
import { readJxlSize } from "./read-jxl-size.js";

/** JPEG XL is kept in floating point while it is decoded. */
const maxJxlPixels = 66_000_000;

/**
 * Decodes a file that its decoder takes as it is: JPEG XL, whose decoder also turns it upright, BMP, and PNG that
 * names its colours, which libvips passes over.
 *
 * @throws KeepsakeError `media-damaged`, `media-limit-exceeded`
 */
export async function decodeWhole(
  file: Buffer,
  format: "jpeg-xl" | "bmp" | "png",
  { maxPixels }: StillLimits,
): Promise<DecodedStill> {
  const { width, height } = readers[format](file, maxPixels);
  // On its side, a picture is as long as it was wide.
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
    { turns: [], maxSide: preparedSide({ width, height }), as: "colour" },
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
