import { rgbToI420 } from "../pixels.js";
import type { Ground } from "../scene-paint.js";
import type { Box, Easel } from "./easel.js";
import { softPhotoField } from "./grounds.js";
import { layOutCover, layOutFramed, seenFrom, shownBy } from "./photo-layout.js";
import type { PhotoPixels } from "./photo-pixels.js";
import { renderSoftField } from "./soft-field.js";

export interface PhotoGround {
  readonly ground: Ground;
  /** The brightest that a box of the frame (reference units) ever shows, as a grey code from 0 to 1. */
  readonly brightestIn: (box: Box) => number;
  /** The photo at its largest, in reference units. */
  readonly photoBox: Box;
}

const shadow = { spreadUnits: 120, dropUnits: 22, opacity: 0.62 };
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
    brightestIn: (box) => brightestShown(easel, ground, picture, box),
  };
}

/**
 * The whole photo on a soft, dark fill of itself.
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
    opacity: shadow.opacity,
  });
  const whole = { x: 0, y: 0, width: photo.asset.width, height: photo.asset.height };
  const still = rgbToI420(await photo.resize(whole, box.width, box.height), box.width, box.height);
  placePicture(picture, { width, height }, still, box);
  const ground = easel.writeGround(picture, width, height, motion);
  const closest = motion.from.scale < motion.to.scale ? motion.from : motion.to;
  return {
    ground,
    photoBox: scaleBox(seenFrom(closest, box, frame), 1 / unitPx),
    brightestIn: (part) => brightestShown(easel, ground, picture, part),
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

/** Small lights may stand out behind a letter; what counts is the mean of blocks about a stroke or two wide. */
const blockPx = 12;
const brightestShare = 0.98;

function brightestShown(
  easel: Easel,
  { width, height, motion }: Ground,
  picture: Uint8Array,
  box: Box,
): number {
  const inFrame = scaleBox(box, easel.frame.unitPx);
  const still = { centreX: width / 2, centreY: height / 2, scale: 1 };
  const [one, other] = [motion?.from ?? still, motion?.to ?? still].map((pose) =>
    shownBy(pose, inFrame, easel.settings),
  );
  if (one === undefined || other === undefined) return 1;
  const clampX = (x: number): number => Math.min(width, Math.max(0, Math.round(x)));
  const clampY = (y: number): number => Math.min(height, Math.max(0, Math.round(y)));
  const left = clampX(Math.min(one.x, other.x));
  const right = clampX(Math.max(one.x + one.width, other.x + other.width));
  const top = clampY(Math.min(one.y, other.y));
  const bottom = clampY(Math.max(one.y + one.height, other.y + other.height));
  const means: number[] = [];
  for (let y = top; y < bottom; y += blockPx) {
    for (let x = left; x < right; x += blockPx) {
      means.push(
        meanLuma(picture, width, {
          x,
          y,
          right: Math.min(right, x + blockPx),
          bottom: Math.min(bottom, y + blockPx),
        }),
      );
    }
  }
  means.sort((a, b) => a - b);
  return Math.max(0, ((means[Math.floor((means.length - 1) * brightestShare)] ?? 16) - 16) / 219);
}

function meanLuma(
  picture: Uint8Array,
  width: number,
  { x, y, right, bottom }: { x: number; y: number; right: number; bottom: number },
): number {
  let sum = 0;
  for (let row = y; row < bottom; row += 1) {
    for (let column = x; column < right; column += 1) sum += picture[row * width + column] ?? 0;
  }
  return sum / ((right - x) * (bottom - y));
}

function scaleBox(box: Box, factor: number): Box {
  return { x: box.x * factor, y: box.y * factor, width: box.width * factor, height: box.height * factor };
}
