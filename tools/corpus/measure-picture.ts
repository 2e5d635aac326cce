import { gridSide } from "./look.js";

/** @param rgb packed, without rows' ends */
export interface RgbPicture {
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The mean colour of each cell of a picture, as `Look.pictures` has it. */
export function measurePicture({ rgb, width, height }: RgbPicture): string {
  const sums = new Float64Array(gridSide * gridSide * 3);
  const counts = new Float64Array(gridSide * gridSide);
  for (let y = 0, at = 0; y < height; y += 1) {
    const row = Math.floor((y * gridSide) / height) * gridSide;
    for (let x = 0; x < width; x += 1, at += 3) {
      const cell = row + Math.floor((x * gridSide) / width);
      counts[cell] = (counts[cell] as number) + 1;
      for (let channel = 0; channel < 3; channel += 1) {
        const sum = 3 * cell + channel;
        sums[sum] = (sums[sum] as number) + (rgb[at + channel] as number);
      }
    }
  }
  return Buffer.from(
    sums.map((sum, index) => Math.round(sum / (counts[Math.floor(index / 3)] as number))),
  ).toString("hex");
}
