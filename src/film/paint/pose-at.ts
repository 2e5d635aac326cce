import type { CameraPose, Motion, SteadyPace } from "../model/scene-layers.js";
import { ease } from "../model/ease.js";

/**
 * Returns the camera's pose at a frame of its scene: from one pose to the other along a cosine, whose speed is zero
 * at both ends and never jumps, or at a steady pace between two rests. The scale changes by equal factors, so that
 * the zoom looks even.
 *
 * @param frame 0 to `frameCount - 1`, at which the pose is exactly `from` and `to`
 */
export function poseAt({ from, to, pace }: Motion, frame: number, frameCount: number): CameraPose {
  const eased = pace === undefined ? easedShare(frame, frameCount) : steadyShare(pace, frame, frameCount);
  return {
    centreX: from.centreX + (to.centreX - from.centreX) * eased,
    centreY: from.centreY + (to.centreY - from.centreY) * eased,
    scale: from.scale * (to.scale / from.scale) ** eased,
  };
}

function easedShare(frame: number, frameCount: number): number {
  return frameCount > 1 ? ease(frame / (frameCount - 1)) : 0;
}

/**
 * Share of the way travelled, 0 to 1: the speed rises evenly, stays, and falls evenly. A short scene has no time for
 * rests.
 */
function steadyShare({ restFrames, rampFrames }: SteadyPace, frame: number, frameCount: number): number {
  const moving = frameCount - 1 - 2 * restFrames;
  if (moving <= 2 * rampFrames) return easedShare(frame, frameCount);
  const at = Math.min(moving, Math.max(0, frame - restFrames));
  const speed = 1 / (moving - rampFrames);
  const ramp = (frames: number): number => (speed * frames ** 2) / (2 * rampFrames);
  if (at < rampFrames) return ramp(at);
  if (at > moving - rampFrames) return 1 - ramp(moving - at);
  return speed * (at - rampFrames / 2);
}
