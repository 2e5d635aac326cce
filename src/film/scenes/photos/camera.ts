import type { Box, Size } from "../../model/box.js";
import type { CameraPose, Motion } from "../../model/scene-layers.js";

/** Converts a box of the picture to the box of the frame where it appears from a pose. */
export function toFrameBox(pose: CameraPose, box: Box, frame: Size): Box {
  return {
    x: (box.x - pose.centreX) / pose.scale + frame.width / 2,
    y: (box.y - pose.centreY) / pose.scale + frame.height / 2,
    width: box.width / pose.scale,
    height: box.height / pose.scale,
  };
}

/** Converts a box of the frame to the part of the picture that it shows from a pose. */
export function toPictureBox(pose: CameraPose, box: Box, frame: Size): Box {
  return {
    x: (box.x - frame.width / 2) * pose.scale + pose.centreX,
    y: (box.y - frame.height / 2) * pose.scale + pose.centreY,
    width: box.width * pose.scale,
    height: box.height * pose.scale,
  };
}

export function motionBetween(wide: CameraPose, close: CameraPose, zoomsIn: boolean): Motion {
  return zoomsIn ? { from: wide, to: close } : { from: close, to: wide };
}
