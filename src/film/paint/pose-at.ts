import type { CameraPose, Motion } from "../scene-paint.js";
import { ease } from "./ease.js";

/**
 * Where the camera is at a frame of its scene: from one pose to the other along a cosine, whose speed is zero at
 * both ends and never jumps. The scale grows or shrinks by even factors, so that the zoom looks even.
 *
 * @param frame 0 to `frameCount - 1`, at which the pose is exactly `from` and `to`
 */
export function poseAt({ from, to }: Motion, frame: number, frameCount: number): CameraPose {
  const eased = frameCount > 1 ? ease(frame / (frameCount - 1)) : 0;
  return {
    centreX: from.centreX + (to.centreX - from.centreX) * eased,
    centreY: from.centreY + (to.centreY - from.centreY) * eased,
    scale: from.scale * (to.scale / from.scale) ** eased,
  };
}
