/**
 * The thumbnail of a frame: the mean of each cell of a coarse grid, one byte each, luma and then both chromas. It is
 * made of every frame that is handed to the encoder and stored beside the segment. It defines what a decoded frame
 * must show, and the whole film is inspected by it without being decoded again. Encoding hardly changes it, since each
 * cell is the mean of hundreds of pixels; any change that a person would notice does.
 */
import { even, type Size } from "../model/box.js";
import type { MeansGrid } from "../../kernel/frame-means.js";

/** A thumbnail, or the means of a decoded frame: in steps of 8 bits. */
export type Means = Uint8Array | Float32Array;

/**
 * Cells of luma along each side of a square frame. Other shapes have about as many cells, nearly square: 32 x 18 for
 * 16:9.
 */
const squareSide = 24;
/** Black is 16 in limited range; encoders add a little. */
const blackLuma = 18;

export function thumbnailGrid({ width, height }: Size): MeansGrid {
  const aspectRoot = Math.sqrt(width / height);
  const cells = (count: number): number => Math.max(2, even(count));
  return { columns: cells(squareSide * aspectRoot), rows: cells(squareSide / aspectRoot) };
}

/** Bytes of one thumbnail: 864 for 16:9. */
export function thumbnailBytes({ columns, rows }: MeansGrid): number {
  return (columns * rows * 3) / 2;
}

export function toThumbnail(means: Float32Array): Uint8Array {
  // A mean is at most 255.
  const thumbnail = new Uint8Array(means.length);
  for (let cell = 0; cell < means.length; cell++) thumbnail[cell] = (means[cell] as number) + 0.5;
  return thumbnail;
}

export function meanDifference(a: Means, b: Means): number {
  let sum = 0;
  for (let cell = 0; cell < a.length; cell++) sum += Math.abs((a[cell] as number) - (b[cell] as number));
  return sum / a.length;
}

export function maxDifference(a: Means, b: Means): number {
  let largest = 0;
  for (let cell = 0; cell < a.length; cell++) {
    const difference = Math.abs((a[cell] as number) - (b[cell] as number));
    if (difference > largest) largest = difference;
  }
  return largest;
}

/** Whether no cell is brighter than black. */
export function isBlack(thumbnail: Means, { columns, rows }: MeansGrid): boolean {
  for (let cell = 0; cell < columns * rows; cell++) if ((thumbnail[cell] as number) > blackLuma) return false;
  return true;
}
