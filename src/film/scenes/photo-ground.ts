import { rgbToI420 } from "../pixels.js";
import type { Ground } from "../scene-paint.js";
import type { Rgb } from "../theme.js";
import { coloursBehind } from "./colours-behind.js";
import type { Box, Easel } from "./easel.js";
import { softPhotoField } from "./grounds.js";
import { layOutCover, layOutFramed, seenFrom } from "./photo-layout.js";
import type { PhotoPixels } from "./photo-pixels.js";
import { renderSoftField } from "./soft-field.js";

export interface PhotoGround {
  readonly ground: Ground;
  /** What a box of the frame (reference units) ever shows, as the colours of small blocks. */
  readonly coloursIn: (box: Box) => readonly Rgb[];
  /** The photo at its largest, in reference units. */
  readonly photoBox: Box;
}

const shadow = { spreadUnits: 120, dropUnits: 22 };
/** Of the fill around a photo, in cells of its soft field. */
const fillBlurCells = 3.2;

/** How long a scene is, and which way its camera goes. */
export interface Timed {
  readonly seconds: number;
  readonly ordinal: number;
}

/** The photo over the whole frame. */
export async function drawCoverGround(easel: Easel, photo: PhotoPixels, timed: Timed): Promise<PhotoGround> {
  const frame = easel.settings;
  const { part, width, height, motion } = layOutCover(photo.asset, frame, timed);
  const picture = rgbToI420(await photo.resize(part, width, height), width, height);
  const ground = easel.writeGround(picture, width, height, motion);
  return {
    ground,
    photoBox: { x: 0, y: 0, width: easel.frame.width, height: easel.frame.height },
    coloursIn: (box) => coloursBehind(easel, ground, picture, box),
  };
}

/**
 * The whole photo on a soft fill of itself.
 * @param area where it may stand, in reference units
 */
export async function drawFramedGround(
  easel: Easel,
  photo: PhotoPixels,
  area: Box,
  { ordinal }: Timed,
): Promise<PhotoGround> {
  const frame = easel.settings;
  const { unitPx } = easel.frame;
  const areaPx = scaleBox(area, unitPx);
  const { width, height, photo: box, motion } = layOutFramed(photo.asset, frame, areaPx, ordinal);
  const field = await softPhotoField(easel, photo, fillBlurCells);
  const picture = renderSoftField(field, width, height, {
    box: { ...box, y: box.y + shadow.dropUnits * unitPx },
    spreadPx: shadow.spreadUnits * unitPx,
    opacity: easel.theme.fill.shadowOpacity,
  });
  const whole = { x: 0, y: 0, width: photo.asset.width, height: photo.asset.height };
  const still = rgbToI420(await photo.resize(whole, box.width, box.height), box.width, box.height);
  placePicture(picture, { width, height }, still, box);
  const ground = easel.writeGround(picture, width, height, motion);
  const closest = motion.from.scale < motion.to.scale ? motion.from : motion.to;
  return {
    ground,
    photoBox: scaleBox(seenFrom(closest, box, frame), 1 / unitPx),
    coloursIn: (part) => coloursBehind(easel, ground, picture, part),
  };
}

/** Copies a picture into a larger one, both planar YUV, at an even place. */
function placePicture(
  target: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  source: Uint8Array,
  box: Box,
): void {
  const copyPlane = (targetStart: number, sourceStart: number, step: number): void => {
    for (let y = 0; y < box.height / step; y += 1) {
      const from = sourceStart + (y * box.width) / step;
      const row = source.subarray(from, from + box.width / step);
      target.set(row, targetStart + ((box.y / step + y) * width) / step + box.x / step);
    }
  };
  const [area, sourceArea] = [width * height, box.width * box.height];
  copyPlane(0, 0, 1);
  copyPlane(area, sourceArea, 2);
  copyPlane((area * 5) / 4, (sourceArea * 5) / 4, 2);
}

function scaleBox(box: Box, factor: number): Box {
  return { x: box.x * factor, y: box.y * factor, width: box.width * factor, height: box.height * factor };
}
