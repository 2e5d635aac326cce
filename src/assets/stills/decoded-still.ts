import sharp, { type Sharp } from "sharp";

import { wrapTiff } from "./wrap-tiff.js";

/** A still that was not decoded by sharp: upright, 8 bits per channel, rows from top to bottom. */
export interface DecodedStill {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  /** Red, green and blue, and not premultiplied alpha. */
  readonly channels: 3 | 4;
  /** Profile of the colours; null for sRGB. */
  readonly iccProfile: Buffer | null;
}

export interface StillLimits {
  /** Limit for the size in the header. */
  readonly maxPixels: number;
}

/** Opens a decoded still with sharp. */
export function toSharp({ data, width, height, channels, iccProfile }: DecodedStill): Sharp {
  if (iccProfile === null) return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
  return sharp(wrapTiff({ data, width, height, channels, iccProfile }), { limitInputPixels: false });
}
