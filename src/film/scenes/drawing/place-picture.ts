import type { Box, Size } from "../../model/box.js";
import type { Rgb } from "../../../colour/rgb.js";
import { rgbToYuv } from "../../../colour/yuv.js";

/** Copies a picture into a larger one at an even place; both are planar YUV. */
export function placePicture(target: Uint8Array, size: Size, source: Uint8Array, box: Box): void {
  const sourceArea = box.width * box.height;
  const starts = [0, sourceArea, (sourceArea * 5) / 4];
  eachRow(size, box, (plane, row, from, length) => {
    const start = (starts[plane] ?? 0) + row * length;
    target.set(source.subarray(start, start + length), from);
  });
}

/** Fills an even box of a picture with one colour. */
export function placeColour(target: Uint8Array, size: Size, colour: Rgb, box: Box): void {
  const codes = rgbToYuv(colour).map(Math.round);
  eachRow(size, box, (plane, _row, from, length) => target.fill(codes[plane] ?? 0, from, from + length));
}

/** Calls back for each row of a box in each plane, with the row's index in the box, its start and its length. */
function eachRow(
  { width, height }: Size,
  box: Box,
  visit: (plane: number, row: number, from: number, length: number) => void,
): void {
  const area = width * height;
  for (const [plane, start] of [0, area, (area * 5) / 4].entries()) {
    const step = plane === 0 ? 1 : 2;
    for (let row = 0; row < box.height / step; row += 1) {
      const from = start + ((box.y / step + row) * width + box.x) / step;
      visit(plane, row, from, box.width / step);
    }
  }
}
