import type { Size } from "./box.js";

/** The three shapes a film is laid out for, each for itself. */
export type FrameShape = "wide" | "square" | "tall";

/**
 * A frame in the units that all of a film is laid out in: its shorter side is 1080 of them, so that type of one size
 * is as large in any shape as it can be read.
 */
export interface FrameUnits {
  readonly width: number;
  readonly height: number;
  readonly shape: FrameShape;
  /** Frame pixels in a unit. */
  readonly unitPx: number;
  /** Distance from the left and right (x) and from top and foot (y) that words keep: 8 % of that side. */
  readonly margin: { readonly x: number; readonly y: number };
}

/** Frame pixels per photo pixel at most: beyond that its pixels show. */
export const maxEnlargement = 2;

const shorterSideUnits = 1080;
const marginShare = 0.08;
/** Shapes nearer to a square than this are laid out as one. */
const squarest = 1.2;

/** @param size of a frame, in px */
export function frameUnits(size: Size): FrameUnits {
  const unitPx = Math.min(size.width, size.height) / shorterSideUnits;
  const width = size.width / unitPx;
  const height = size.height / unitPx;
  const aspect = width / height;
  return {
    width,
    height,
    shape: aspect > squarest ? "wide" : aspect < 1 / squarest ? "tall" : "square",
    unitPx,
    margin: { x: Math.ceil(width * marginShare), y: Math.ceil(height * marginShare) },
  };
}
