import {
  AV_FRAME_DATA_ICC_PROFILE,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUV444P,
  AV_PIX_FMT_YUVJ420P,
  AV_PIX_FMT_YUVJ422P,
  AV_PIX_FMT_YUVJ444P,
  AVCOL_PRI_BT2020,
  AVCOL_PRI_BT709,
  AVCOL_PRI_SMPTE432,
  AVCOL_PRI_UNSPECIFIED,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_RANGE_UNSPECIFIED,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_CHROMA_DERIVED_NCL,
  AVCOL_SPC_RESERVED,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
  AVCOL_TRC_ARIB_STD_B67,
  AVCOL_TRC_BT709,
  AVCOL_TRC_SMPTE2084,
  AVCOL_TRC_UNSPECIFIED,
  type AVPixelFormat,
} from "node-av/constants";
import { Frame } from "node-av/lib";

import { KeepsakeError } from "../../errors.js";
import { decodeStill } from "./decode-still.js";
import { knownMatrix, rejectUnsupportedMatrix, knownPrimaries, knownTransfer } from "./known-colours.js";
import { openFilterGraph } from "../open-filter-graph.js";
import { pixelFormatTraits } from "./picture-colours.js";
import type { CodedColours, StillLayer, StillTransform } from "./still-layer.js";
import { toneMappingFilters } from "./tone-mapping.js";

/** Pixels in memory, rows top to bottom, 8 bits per channel. */
export interface StillPixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  /** Values per pixel: red, green, blue, and perhaps alpha. It does not apply to a grey picture, which has one value. */
  readonly channels: 3 | 4;
  /** Colour primaries, as a number of ITU-T H.273. */
  readonly primaries: number;
  /** Transfer characteristics, as a number of ITU-T H.273. */
  readonly transfer: number;
  /** ICC profile in the coded data. */
  readonly iccProfile: Buffer | null;
  /** True when the picture had a high dynamic range and was converted to sRGB. */
  readonly isToneMapped: boolean;
}

export interface StillView {
  readonly transforms: readonly StillTransform[];
  /** Limit of the result's longer side, in pixels. */
  readonly maxSide: number;
  /** "grey" is used for alpha. */
  readonly as: "colour" | "grey";
}

/**
 * Decodes a still to pixels as it is shown. A high dynamic range is mapped to that of a film; otherwise the values stay
 * in the colour space of the file's primaries or profile.
 *
 * @throws KeepsakeError `media-damaged`
 */
export async function renderStill(layer: StillLayer, view: StillView): Promise<StillPixels> {
  const frame = await decodeStill(layer);
  try {
    return await show(frame, layer.colours, view);
  } finally {
    frame.free();
  }
}

async function show(frame: Frame, colours: CodedColours | null, view: StillView): Promise<StillPixels> {
  const isToneMapped = resolveColours(frame, colours) && view.as === "colour";
  const primaries = isToneMapped ? AVCOL_PRI_BT709 : frame.colorPrimaries;
  const { alpha } = pixelFormatTraits(frame.format as AVPixelFormat);
  const format = view.as === "grey" ? "gray" : alpha ? "rgba" : "rgb24";
  const filters = [
    ...namedMatrixFilters(frame),
    ...scaleFilters(frame, view.maxSide, isToneMapped),
    `format=${format}`,
    ...transformFilters(frame, view),
  ];
  using graph = openFilterGraph(frame, { num: 1, den: 1 }, filters.join(","));
  const shown = new Frame();
  shown.alloc();
  try {
    await graph.push(frame);
    if (!(await graph.pull(shown)))
      throw new KeepsakeError("media-damaged", "The photo's colours cannot be converted.");
    const { width, height } = shown;
    const profile = frame.getSideData(AV_FRAME_DATA_ICC_PROFILE);
    const iccProfile = profile === null ? null : Buffer.from(profile);
    return {
      data: shown.toBuffer(),
      width,
      height,
      channels: format === "rgba" ? 4 : 3,
      primaries,
      transfer: isToneMapped ? AVCOL_TRC_BT709 : frame.colorTrc,
      iccProfile,
      isToneMapped,
    };
  } finally {
    shown.free();
  }
}

/** Formats that imply full range, with their plain counterparts: the range is read from the frame instead. */
const plainFormats: ReadonlyMap<number, AVPixelFormat> = new Map([
  [AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P],
  [AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P],
  [AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P],
]);

/** @returns true for a high dynamic range */
function resolveColours(frame: Frame, colours: CodedColours | null): boolean {
  const plain = plainFormats.get(frame.format);
  if (plain !== undefined) {
    frame.format = plain;
    frame.colorRange = AVCOL_RANGE_JPEG;
  }
  if (colours !== null) {
    const { primaries, transfer, matrix } = colours;
    const tags = {
      primaries: knownPrimaries(primaries),
      transfer: knownTransfer(transfer),
      matrix: matrix === AVCOL_SPC_CHROMA_DERIVED_NCL ? AVCOL_SPC_CHROMA_DERIVED_NCL : knownMatrix(matrix),
    };
    if (tags.primaries !== AVCOL_PRI_UNSPECIFIED) frame.colorPrimaries = tags.primaries;
    if (tags.transfer !== AVCOL_TRC_UNSPECIFIED) frame.colorTrc = tags.transfer;
    if (tags.matrix !== AVCOL_SPC_UNSPECIFIED) frame.colorSpace = tags.matrix;
    frame.colorRange = colours.fullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  }
  const { colorPrimaries, colorTrc } = frame;
  const isWide = [AVCOL_PRI_BT2020, AVCOL_PRI_SMPTE432, AVCOL_PRI_UNSPECIFIED].includes(colorPrimaries);
  const isHighRange = isWide && (colorTrc === AVCOL_TRC_SMPTE2084 || colorTrc === AVCOL_TRC_ARIB_STD_B67);
  if (isHighRange && colorPrimaries === AVCOL_PRI_UNSPECIFIED) frame.colorPrimaries = AVCOL_PRI_BT2020;
  if (isDerivedFromNothing(frame)) frame.colorSpace = AVCOL_SPC_UNSPECIFIED;
  rejectUnsupportedMatrix(frame);
  const isMatrixMissing = [AVCOL_SPC_UNSPECIFIED, AVCOL_SPC_RESERVED, AVCOL_SPC_RGB].includes(
    frame.colorSpace,
  );
  if (pixelFormatTraits(frame.format as AVPixelFormat).rgb) frame.colorSpace = AVCOL_SPC_RGB;
  else if (isMatrixMissing) frame.colorSpace = isHighRange ? AVCOL_SPC_BT2020_NCL : AVCOL_SPC_SMPTE170M;
  // Full range is the default of the Multi-Image Application Format (ISO/IEC 23000-22, 7.3.6.4) and of JPEG.
  if (frame.colorRange === AVCOL_RANGE_UNSPECIFIED) frame.colorRange = AVCOL_RANGE_JPEG;
  return isHighRange;
}

function isDerivedFromNothing({ colorSpace, colorPrimaries }: Frame): boolean {
  return colorSpace === AVCOL_SPC_CHROMA_DERIVED_NCL && colorPrimaries === AVCOL_PRI_UNSPECIFIED;
}

/**
 * Returns the only filter that supports a matrix derived from the primaries (ITU-T H.273, matrix coefficients 12). The
 * filter replaces it by the nearest named matrix.
 */
function namedMatrixFilters(frame: Frame): string[] {
  if (frame.colorSpace !== AVCOL_SPC_CHROMA_DERIVED_NCL) return [];
  return [`zscale=matrix=${frame.colorPrimaries === AVCOL_PRI_BT2020 ? "2020_ncl" : "709"}`];
}

const scaling = "flags=lanczos+accurate_rnd+full_chroma_int+full_chroma_inp";

/** Filters for scaling, and for a high dynamic range the same tone curve as in clips. */
function scaleFilters(frame: Frame, maxSide: number, isHighRange: boolean): string[] {
  const { width, height } = scaledSize(frame, maxSide);
  const scale = `scale=${width}:${height}:${scaling}`;
  if (!isHighRange) return [scale];
  const transfer = frame.colorTrc === AVCOL_TRC_SMPTE2084 ? "pq" : "hlg";
  return [scale, ...toneMappingFilters(transfer, "yuv420p10le"), `scale=${scaling}`];
}

function scaledSize(frame: Frame, maxSide: number): { width: number; height: number } {
  const factor = Math.min(1, maxSide / Math.max(frame.width, frame.height));
  return {
    width: Math.max(1, Math.round(frame.width * factor)),
    height: Math.max(1, Math.round(frame.height * factor)),
  };
}

function transformFilters(frame: Frame, { transforms, maxSide }: StillView): string[] {
  const factor = scaledSize(frame, maxSide).width / frame.width;
  const scaled = (pixels: number): number => Math.round(pixels * factor);
  return transforms.map((transform) => {
    if (transform.kind === "mirror") return transform.swaps === "sides" ? "hflip" : "vflip";
    if (transform.kind === "crop") {
      const { x, y, width, height } = transform;
      return `crop=${Math.max(1, scaled(width))}:${Math.max(1, scaled(height))}:${scaled(x)}:${scaled(y)}:exact=1`;
    }
    if (transform.clockwiseDegrees === 180) return "hflip,vflip";
    return transform.clockwiseDegrees === 90 ? "transpose=clock" : "transpose=cclock";
  });
}
