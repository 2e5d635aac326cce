import { readFile } from "node:fs/promises";

import type { Size } from "../model/box.js";
import type { Kernel } from "../../kernel/kernel.js";
import type { Ground } from "../model/scene-paint.js";
import type { Layer } from "./layer.js";
import { poseAt } from "./pose-at.js";

/**
 * The picture a scene is painted on: one that stands still, or one that a camera moves over.
 *
 * @param frameCount of the scene, over which the camera moves
 */
export async function openGroundLayer(
  kernel: Kernel,
  ground: Ground,
  film: Size,
  frameCount: number,
): Promise<Layer> {
  const { width, height, motion } = ground;
  const bytes = await readFile(ground.path);
  if (motion === null) {
    if (width !== film.width || height !== film.height) {
      throw new RangeError(`A still ground of ${width} by ${height} pixels does not fit the frame.`);
    }
    const still = kernel.allocateFrame(width, height);
    still.bytes.set(bytes);
    return {
      lookAt: () => null,
      paint: (target) => kernel.copy(still, target, 0, 0),
      [Symbol.asyncDispose]: async () => still[Symbol.dispose](),
    };
  }
  const picture = kernel.loadPicture(bytes, width, height);
  const area = { x: 0, y: 0, width: film.width, height: film.height };
  return {
    lookAt: (sceneFrame) => poseAt(motion, sceneFrame, frameCount),
    paint(target, sceneFrame) {
      const { centreX, centreY, scale: step } = poseAt(motion, sceneFrame, frameCount);
      const left = centreX - (film.width / 2) * step;
      const top = centreY - (film.height / 2) * step;
      kernel.resample(picture, target, area, { left, top, step });
    },
    [Symbol.asyncDispose]: async () => picture[Symbol.dispose](),
  };
}
