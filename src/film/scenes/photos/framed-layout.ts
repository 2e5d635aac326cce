import { even, evenDown, growBox, type Box, type Size } from "../../model/box.js";
import { frameUnits } from "../../model/frame-units.js";
import type { Motion } from "../../model/scene-layers.js";
import { motionBetween } from "./camera.js";
import { fitPhoto } from "./fit-photo.js";

/** A photo that does not fill the frame: a picture a little larger than the frame, with the whole photo in it. */
export interface FramedLayout {
  readonly width: number;
  readonly height: number;
  /** Place of the whole photo in the picture, in even px. */
  readonly photo: Box;
  /** The photo with its border, if it has one. */
  readonly bordered: Box;
  readonly motion: Motion;
}

const framedScale = 1.07;
const framedZoom = 1.055;

/**
 * Lays out a photo in the frame. The camera moves in on about the photo's own centre, so that the photo grows in
 * place, or back from it in every other scene.
 *
 * @param area area for the photo with its border at its largest, in px of the frame
 */
export function layOutFramed(photo: Size, frame: Size, area: Box, zoomsIn: boolean): FramedLayout {
  const { unitPx } = frameUnits(frame);
  const { width, height, wide, closeScale } = placeCamera(frame);
  const room = { width: area.width / unitPx, height: area.height / unitPx };
  const fitted = fitPhoto(photo, room, { unitPx });
  // In its closest view the photo has the size that was fitted.
  const toPicture = unitPx * closeScale;
  const border = even(fitted.borderUnits * toPicture);
  const size = {
    width: Math.max(2, evenDown(fitted.width * toPicture) - 2 * border),
    height: Math.max(2, evenDown(fitted.height * toPicture) - 2 * border),
  };
  // The point of the frame that does not move, and the same point in the picture in the widest view.
  const fixed = { x: area.x + area.width / 2, y: area.y + area.height / 2 };
  const box = {
    ...size,
    x: even(width / 2 + (fixed.x - frame.width / 2) * wide.scale - size.width / 2),
    y: even(height / 2 + (fixed.y - frame.height / 2) * wide.scale - size.height / 2),
  };
  const bordered = growBox(box, border);
  const middle = { x: box.x + size.width / 2, y: box.y + size.height / 2 };
  const close = {
    centreX: middle.x - ((middle.x - wide.centreX) / wide.scale) * closeScale,
    centreY: middle.y - ((middle.y - wide.centreY) / wide.scale) * closeScale,
    scale: closeScale,
  };
  return { width, height, photo: box, bordered, motion: motionBetween(wide, close, zoomsIn) };
}

function placeCamera(frame: Size) {
  const width = even(frame.width * framedScale);
  const height = even(frame.height * framedScale);
  const scale = Math.min(width / frame.width, height / frame.height);
  const wide = { centreX: width / 2, centreY: height / 2, scale };
  return { width, height, wide, closeScale: scale / framedZoom };
}
