import type { Rgb } from "../../dist/colour/rgb.js";

export const cardColumns = 8;
export const cardRows = 6;

/**
 * The patches of the card, row by row: the 24 of a ColorChecker (X-Rite's sRGB values), nine greys, the primaries and
 * secondaries full and half as bright, three more tones of skin.
 */
export const cardPatches: readonly Rgb[] = [
  [115, 82, 68],
  [194, 150, 130],
  [98, 122, 157],
  [87, 108, 67],
  [133, 128, 177],
  [103, 189, 170],
  [214, 126, 44],
  [80, 91, 166],
  [193, 90, 99],
  [94, 60, 108],
  [157, 188, 64],
  [224, 163, 46],
  [56, 61, 150],
  [70, 148, 73],
  [175, 54, 60],
  [231, 199, 31],
  [187, 86, 149],
  [8, 133, 161],
  [243, 243, 242],
  [200, 200, 200],
  [160, 160, 160],
  [122, 122, 121],
  [85, 85, 85],
  [52, 52, 52],
  [0, 0, 0],
  [16, 16, 16],
  [32, 32, 32],
  [64, 64, 64],
  [96, 96, 96],
  [144, 144, 144],
  [176, 176, 176],
  [224, 224, 224],
  [255, 255, 255],
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [0, 255, 255],
  [255, 0, 255],
  [255, 255, 0],
  [128, 0, 0],
  [0, 128, 0],
  [0, 0, 128],
  [0, 128, 128],
  [128, 0, 128],
  [128, 128, 0],
  [92, 58, 44],
  [141, 94, 69],
  [236, 205, 184],
];

/** @returns RGB, `width * height * 3` bytes; sides are multiples of the card's columns and rows */
export function paintCard(width: number, height: number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const column = Math.floor((x * cardColumns) / width);
      const row = Math.floor((y * cardRows) / height);
      rgb.set(cardPatches[row * cardColumns + column] ?? [0, 0, 0], (y * width + x) * 3);
    }
  }
  return rgb;
}
