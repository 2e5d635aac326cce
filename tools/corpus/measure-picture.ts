import type { RgbPicture } from "../../dist/media/pictures/rgb-picture.js";
import { gridSide } from "./media-sample.js";

/** Returns the mean colour of each cell of a picture, as in `MediaSample.pictures`. */
export function measurePicture({ data, width, height }: RgbPicture): string {
  const sums = new Float64Array(gridSide * gridSide * 3);
  const counts = new Float64Array(gridSide * gridSide);
  for (let y = 0, at = 0; y < height; y += 1) {
    const row = Math.floor((y * gridSide) / height) * gridSide;
    for (let x = 0; x < width; x += 1, at += 3) {
      const cell = row + Math.floor((x * gridSide) / width);
      counts[cell] = (counts[cell] as number) + 1;
      for (let channel = 0; channel < 3; channel += 1) {
        const sum = 3 * cell + channel;
        sums[sum] = (sums[sum] as number) + (data[at + channel] as number);
      }
    }
  }
  return Buffer.from(
    sums.map((sum, index) => Math.round(sum / (counts[Math.floor(index / 3)] as number))),
  ).toString("hex");
}
