/**
 * Paints the sea at evening from a harbour wall, in the upright format of a phone. The sky does not move and is
 * painted once; the light of the water is computed in each frame from the slopes of its waves.
 */
import { createRecorder, expose, type ShownSize } from "./record-light.js";
import { createEveningSky, sunElevation } from "./evening-sky.js";
import { createWater } from "./water.js";

const horizonRow = 588;
const view = { sunColumn: 292, sunElevation, focalPixels: 1150, eyeMetres: 2.9 };

/**
 * @returns a function that paints the moment `seconds` to Y, U and V, tightly packed and rotated: `size.height` wide and
 *   `size.width` high
 */
export function createEveningSea(size: ShownSize): (seconds: number, i420: Uint8Array) => void {
  const record = createRecorder(size);
  const water = createWater({ ...view, columns: size.width, rows: size.height - horizonRow });
  const exposed = new Float32Array(size.width * 3);
  const still = new Uint8Array((size.width * size.height * 3) / 2);
  const sky = createEveningSky(11);
  for (let row = 0; row < horizonRow; row += 1) {
    const elevation = Math.atan((horizonRow - row - 0.5) / view.focalPixels);
    for (let column = 0; column < size.width; column += 1) {
      const light = sky(Math.atan((column - view.sunColumn) / view.focalPixels), elevation);
      exposed.set(light.map(expose), column * 3);
    }
    record(row, exposed, still);
  }
  return (seconds, i420) => {
    i420.set(still);
    water.moveTo(seconds);
    for (let row = horizonRow; row < size.height; row += 1) {
      water.exposeRow(row - horizonRow, exposed);
      record(row, exposed, i420);
    }
  };
}
