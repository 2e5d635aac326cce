/**
 * The sea at evening from a harbour wall, filmed upright with a phone. The sky stands still and is painted once; the
 * water is lit anew in each frame from the slopes of its waves.
 */
import { createDeveloper, type ShownSize } from "./develop.js";
import { createEveningSky, sunElevation } from "./evening-sky.js";
import { createWater } from "./water.js";

const horizonRow = 588;
const view = { sunColumn: 292, sunElevation, focalPixels: 1150, eyeMetres: 2.9 };

/**
 * @returns paints the moment `seconds` into Y, U and V, tightly packed, lying on its side: `size.height` wide and
 * `size.width` high
 */
export function createEveningSea(size: ShownSize): (seconds: number, i420: Uint8Array) => void {
  const develop = createDeveloper(size);
  const water = createWater({ ...view, columns: size.width, rows: size.height - horizonRow });
  const light = new Float32Array(size.width * 3);
  const still = new Uint8Array((size.width * size.height * 3) / 2);
  const sky = createEveningSky(11);
  for (let row = 0; row < horizonRow; row += 1) {
    const elevation = Math.atan((horizonRow - row - 0.5) / view.focalPixels);
    for (let column = 0; column < size.width; column += 1) {
      light.set(sky(Math.atan((column - view.sunColumn) / view.focalPixels), elevation), column * 3);
    }
    develop(row, light, still);
  }
  return (seconds, i420) => {
    i420.set(still);
    water.moveTo(seconds);
    for (let row = horizonRow; row < size.height; row += 1) {
      water.lightRow(row - horizonRow, light);
      develop(row, light, i420);
    }
  };
}
