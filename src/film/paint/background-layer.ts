import { readFile } from "node:fs/promises";

import type { Size } from "../model/box.js";
import type { Kernel } from "../../kernel/kernel.js";
import type { Background } from "../model/scene-layers.js";
import type { Layer } from "./layer.js";
import { poseAt } from "./pose-at.js";

/**
 * Opens the picture that a scene is painted on: a still one, or one that a camera moves over.
 *
 * @param frameCount frames of the scene, over which the camera moves
 */
export async function openBackgroundLayer(
  kernel: Kernel,
  background: Background,
  film: Size,
  frameCount: number,
): Promise<Layer> {
  const { width, height, motion } = background;
  const bytes = await readFile(background.path);
  if (motion === null) {
    if (width !== film.width || height !== film.height) {
      throw new RangeError(
        `A still background of ${width} by ${height} pixels does not have the frame's size.`,
      );
    }
    const still = kernel.allocateFrame(width, height);
    still.bytes.set(bytes);
    return {
      stateAt: () => null,
      paint: (target) => kernel.copy(still, target, 0, 0),
      [Symbol.asyncDispose]: async () => still[Symbol.dispose](),
    };
  }
  const picture = kernel.loadPicture(bytes, width, height);
  const area = { x: 0, y: 0, width: film.width, height: film.height };
  return {
    stateAt: (sceneFrame) => poseAt(motion, sceneFrame, frameCount),
    paint(target, sceneFrame) {
      const { centreX, centreY, scale: step } = poseAt(motion, sceneFrame, frameCount);
      const left = centreX - (film.width / 2) * step;
      const top = centreY - (film.height / 2) * step;
      kernel.resample(picture, target, area, { left, top, step });
    },
    [Symbol.asyncDispose]: async () => picture[Symbol.dispose](),
  };
}
