import {
  AVCOL_PRI_BT2020,
  AVCOL_PRI_SMPTE432,
  AVCOL_RANGE_MPEG,
  AVCOL_RANGE_UNSPECIFIED,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_BT709,
  AVCOL_SPC_RESERVED,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
  AVCOL_TRC_ARIB_STD_B67,
  AVCOL_TRC_SMPTE2084,
  type AVPixelFormat,
} from "node-av/constants";
import { avGetPixFmtName, type Frame } from "node-av/lib";

import type { ClipAsset } from "../asset.js";

/**
 * The transfer of a decoded picture. HDR needs both the transfer and BT.2020 primaries: copies of phone clips from
 * shared albums have an HLG tag on BT.709 pictures.
 */
export function pictureTransfer(frame: Frame): ClipAsset["transfer"] {
  if (frame.colorPrimaries !== AVCOL_PRI_BT2020) return "sdr";
  if (frame.colorTrc === AVCOL_TRC_ARIB_STD_B67) return "hlg";
  return frame.colorTrc === AVCOL_TRC_SMPTE2084 ? "pq" : "sdr";
}

/**
 * Primaries of an SDR picture that differ enough from BT.709 to make its colours look pale: BT.2020, and Display P3,
 * which phones may record.
 */
export function widePrimaries(frame: Frame, transfer: ClipAsset["transfer"]): "2020" | "smpte432" | null {
  // When a copy has an HDR tag without HDR pictures, its other tags are not reliable either.
  if (transfer !== "sdr" || isHdr(frame)) return null;
  if (frame.colorPrimaries === AVCOL_PRI_BT2020) return "2020";
  return frame.colorPrimaries === AVCOL_PRI_SMPTE432 ? "smpte432" : null;
}

function isHdr({ colorTrc }: Frame): boolean {
  return colorTrc === AVCOL_TRC_ARIB_STD_B67 || colorTrc === AVCOL_TRC_SMPTE2084;
}

/**
 * Fills in the missing colour tags of a picture, which every conversion requires. Untagged pictures with fewer than 720
 * lines are BT.601, larger ones BT.709, and HDR is BT.2020. The range is limited unless the pixel format implies full range.
 */
export function resolvePictureColours(frame: Frame, transfer: ClipAsset["transfer"]): void {
  const { rgb, fullRange } = pixelFormatTraits(frame.format as AVPixelFormat);
  if (rgb) {
    frame.colorSpace = AVCOL_SPC_RGB;
    return;
  }
  const space = frame.colorSpace;
  if (space === AVCOL_SPC_UNSPECIFIED || space === AVCOL_SPC_RESERVED || space === AVCOL_SPC_RGB) {
    if (transfer !== "sdr") frame.colorSpace = AVCOL_SPC_BT2020_NCL;
    else frame.colorSpace = Math.min(frame.width, frame.height) < 720 ? AVCOL_SPC_SMPTE170M : AVCOL_SPC_BT709;
  }
  if (frame.colorRange === AVCOL_RANGE_UNSPECIFIED && !fullRange) frame.colorRange = AVCOL_RANGE_MPEG;
}

export interface PixelFormatTraits {
  readonly rgb: boolean;
  readonly alpha: boolean;
  readonly fullRange: boolean;
}

export function pixelFormatTraits(format: AVPixelFormat): PixelFormatTraits {
  const name = avGetPixFmtName(format) ?? "";
  return {
    rgb: /^(rgb|bgr|argb|abgr|rgba|bgra|gbr|pal8|0rgb|0bgr|x2rgb|x2bgr)/.test(name),
    alpha: /^(argb|abgr|rgba|bgra|gbrap|yuva|ya\d|pal8|ayuv|vuya)/.test(name),
    fullRange: name.startsWith("yuvj"),
  };
}
