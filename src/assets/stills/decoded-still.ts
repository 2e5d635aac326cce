import sharp, { type Sharp } from "sharp";

import { wrapTiff } from "./wrap-tiff.js";

/** A still that was decoded elsewhere than in sharp: upright, 8 bits a channel, rows top to bottom. */
export interface DecodedStill {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  /** Red, green, blue; and alpha, by which they are not multiplied. */
  readonly channels: 3 | 4;
  /** What the numbers mean; null for sRGB. */
  readonly iccProfile: Buffer | null;
}

export interface StillLimits {
  /** Before decoding. */
  readonly maxPixels: number;
}

/** For sharp to go on with. */
export function toSharp({ data, width, height, channels, iccProfile }: DecodedStill): Sharp {
  if (iccProfile === null) return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
  return sharp(wrapTiff({ data, width, height, channels, iccProfile }), { limitInputPixels: false });
}
