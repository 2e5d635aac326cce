import sharp from "sharp";

import type { RgbPicture } from "../media/pictures/rgb-picture.js";
import { createFaceNetwork, networkSide, type ScoredBox } from "./face-network.js";

/** A face from forehead to chin, in fractions of the picture. It may extend beyond the edge. */
export interface Face {
  readonly score: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Lowest score of a face. A limit that is too low costs little: a photo is then shown whole although it could have filled
 * the frame. See `docs/decisions/0002-face-detector.md`.
 */
const minScore = 0.25;
/** Boxes whose intersection over union is at least this belong to the same face. */
const sameFace = 0.4;

/** Finds the faces in a picture, ordered by falling score. */
export async function findFaces({ data, width, height }: RgbPicture): Promise<readonly Face[]> {
  const network = await createFaceNetwork();
  const small = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(networkSide, networkSide, { fit: "contain", position: "left top", background: "black" })
    .raw()
    .toBuffer();
  const { data: square, info } = await sharp(small, {
    raw: { width: networkSide, height: networkSide, channels: 3 },
  })
    // With more contrast, faces in the dark and on faded prints are found. This reads its input twice, so the picture is small.
    .normalise()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3)
    throw new RangeError(`A picture for the face detector has ${info.channels} channels.`);
  const scaleX = Math.max(width, height) / width;
  const scaleY = Math.max(width, height) / height;
  return suppressOverlaps(network.detect(square, minScore)).map(({ score, left, top, right, bottom }) => ({
    score,
    x: left * scaleX,
    y: top * scaleY,
    width: (right - left) * scaleX,
    height: (bottom - top) * scaleY,
  }));
}

/** Returns the box with the highest score of each face (non-maximum suppression). */
function suppressOverlaps(boxes: readonly ScoredBox[]): readonly ScoredBox[] {
  const faces: ScoredBox[] = [];
  for (const box of boxes.toSorted((one, other) => other.score - one.score)) {
    if (faces.every((other) => overlap(box, other) < sameFace)) faces.push(box);
  }
  return faces;
}

function overlap(one: ScoredBox, other: ScoredBox): number {
  const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  const shared = Math.max(0, width) * Math.max(0, height);
  const area = ({ left, top, right, bottom }: ScoredBox): number => (right - left) * (bottom - top);
  return shared / (area(one) + area(other) - shared);
}
