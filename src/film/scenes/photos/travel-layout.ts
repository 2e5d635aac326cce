import { even, type Box, type Size } from "../../model/box.js";
import { frameUnits } from "../../model/frame-units.js";
import type { Motion } from "../../model/scene-layers.js";
import type { Travel } from "../../model/travel.js";

/** A long picture on its background, and the camera's path along it, in px of the drawn picture. */
export interface TravelLayout {
  readonly width: number;
  readonly height: number;
  /** Place of the photo, in even px. It is the whole picture where it fills the frame from side to side. */
  readonly photo: Box;
  readonly motion: Motion;
}

/** Limits of the drawn px per frame px: no more than the photo has, and no fewer than the painter accepts. */
const coarsest = 0.52;
const finest = 1;
/** The camera rests at both ends, and takes this long to accelerate and to slow down. */
const restSeconds = 1.5;
const rampSeconds = 1.5;

export interface TravelOptions {
  /** Left side of a picture that is travelled down, in reference units. */
  readonly x: number;
  /** Room that a picture that is travelled down leaves free below it at its end, in reference units. */
  readonly bottomUnits: number;
  /** Whether the camera travels from the picture's right end to its left end. */
  readonly isBackwards: boolean;
  readonly fps: number;
  readonly dissolveSeconds: number;
}

/** @param photo in its own px */
export function layOutTravel(
  travel: Travel,
  photo: Size,
  frameSize: Size,
  { x, bottomUnits, isBackwards, fps, dissolveSeconds }: TravelOptions,
): TravelLayout {
  const frame = frameUnits(frameSize);
  const perFramePx = Math.min(finest, Math.max(coarsest, photo.width / (travel.width * frame.unitPx)));
  const drawn = (units: number): number => even(units * frame.unitPx * perFramePx);
  const size = { width: drawn(travel.width), height: drawn(travel.height) };
  const view = { width: frameSize.width * perFramePx, height: frameSize.height * perFramePx };
  const pace = {
    restFrames: Math.round((dissolveSeconds + restSeconds) * fps),
    rampFrames: Math.round(rampSeconds * fps),
  };
  const scale = perFramePx;
  if (travel.axis === "down") {
    const margin = drawn(frame.margin.y);
    const width = even(view.width);
    const height = margin + size.height + drawn(bottomUnits);
    const at = (centreY: number) => ({ centreX: view.width / 2, centreY, scale });
    const motion = { from: at(view.height / 2), to: at(height - view.height / 2), pace };
    return { width, height, photo: { x: drawn(x), y: margin, ...size }, motion };
  }
  const isFull = travel.height >= frame.height;
  const height = isFull ? size.height : even(view.height);
  const box = { x: 0, y: even((height - size.height) / 2), ...size };
  const at = (centreX: number) => ({ centreX, centreY: height / 2, scale });
  const [left, right] = [at(view.width / 2), at(size.width - view.width / 2)];
  const motion = isBackwards ? { from: right, to: left, pace } : { from: left, to: right, pace };
  return { width: size.width, height, photo: box, motion };
}
