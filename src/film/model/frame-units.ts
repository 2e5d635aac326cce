import type { Size } from "./box.js";

/** The three frame shapes that have a layout of their own. */
export type FrameShape = "wide" | "square" | "tall";

/**
 * A frame in reference units, in which all layouts are made: its shorter side has 1080 of them. Type of one size is
 * therefore equally readable in every shape.
 */
export interface FrameUnits {
  readonly width: number;
  readonly height: number;
  readonly shape: FrameShape;
  /** Frame pixels per unit. */
  readonly unitPx: number;
  /** Minimum distance of words from the left and right (x) and from top and bottom (y): 8 % of that side. */
  readonly margin: { readonly x: number; readonly y: number };
}

/** Frame pixels per photo pixel at most: beyond that its pixels show. */
export const maxEnlargement = 2;

const shorterSideUnits = 1080;
const marginShare = 0.08;
/** Shapes nearer to a square than this are laid out as squares. */
const squarest = 1.2;

/** @param size size of a frame, in px */
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
