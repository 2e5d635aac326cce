import sharp from "sharp";

import type { RgbPicture } from "../media/pictures/rgb-picture.js";
import { createFaceNet, netSide, type ScoredBox } from "./face-net.js";

/** A face from forehead to chin, in fractions of the picture; may reach over its edge. */
export interface Face {
  readonly score: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Too low costs little: a photo that is shown whole though it could have filled the frame. See
 * `docs/decisions/0002-face-detector.md`.
 */
const leastScore = 0.25;
/** Boxes that share so much of their area (intersection over union) are of the same face. */
const sameFace = 0.4;

/** The faces in a picture, the surest first; none is an answer too. */
export async function findFaces({ data, width, height }: RgbPicture): Promise<readonly Face[]> {
  const net = await createFaceNet();
  const small = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(netSide, netSide, { fit: "contain", position: "left top", background: "black" })
    .raw()
    .toBuffer();
  const { data: square, info } = await sharp(small, { raw: { width: netSide, height: netSide, channels: 3 } })
    // Faces in the dark and on faded prints. It goes over its input twice: not over the large picture.
    .normalise()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3)
    throw new RangeError(`A picture for the face detector has ${info.channels} channels.`);
  const scaleX = Math.max(width, height) / width;
  const scaleY = Math.max(width, height) / height;
  return keepSurest(net.detect(square, leastScore)).map(({ score, left, top, right, bottom }) => ({
    score,
    x: left * scaleX,
    y: top * scaleY,
    width: (right - left) * scaleX,
    height: (bottom - top) * scaleY,
  }));
}

/** Non-maximum suppression: of boxes of one face the one with the highest score. */
function keepSurest(boxes: readonly ScoredBox[]): readonly ScoredBox[] {
  const kept: ScoredBox[] = [];
  for (const box of boxes.toSorted((one, other) => other.score - one.score)) {
    if (kept.every((other) => overlap(box, other) < sameFace)) kept.push(box);
  }
  return kept;
}

function overlap(one: ScoredBox, other: ScoredBox): number {
  const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  const shared = Math.max(0, width) * Math.max(0, height);
  const area = ({ left, top, right, bottom }: ScoredBox): number => (right - left) * (bottom - top);
  return shared / (area(one) + area(other) - shared);
}
