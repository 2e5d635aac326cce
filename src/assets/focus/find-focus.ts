import type { PhotoAsset, PhotoBox } from "../../media/asset.js";
import { findFaces, type Face } from "../../faces/find-faces.js";
import { findAttention } from "./find-attention.js";
import type { RgbPicture } from "../../media/pictures/rgb-picture.js";

/** The part of a photo that matters. */
export type PhotoFocus = Pick<PhotoAsset, "focus" | "subject">;

/**
 * Finds what matters in a picture: people, or if there are none, the point that attracts attention.
 * `docs/decisions/0002-face-detector.md` reports how well both work.
 */
export async function findFocus(picture: RgbPicture): Promise<PhotoFocus> {
  const heads = (await findFaces(picture)).map(headAround);
  if (heads.length === 0) return { focus: await findAttention(picture) };
  return { focus: middleOf(heads), subject: unionOf(heads) };
}

/** The parts of a head around its face (hair or hat, the chin's shadow, ears), as fractions of the face. */
const above = 0.42;
const below = 0.15;
const beside = 0.25;

function headAround({ x, y, width, height }: Face): PhotoBox {
  const left = Math.max(0, x - beside * width);
  const top = Math.max(0, y - above * height);
  return {
    x: left,
    y: top,
    width: Math.min(1, x + (1 + beside) * width) - left,
    height: Math.min(1, y + (1 + below) * height) - top,
  };
}

function unionOf(boxes: readonly PhotoBox[]): PhotoBox {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** The mean of the heads' centres, weighted by the root of their areas, so that near heads count more. */
function middleOf(boxes: readonly PhotoBox[]): PhotoAsset["focus"] {
  let [sum, x, y] = [0, 0, 0];
  for (const box of boxes) {
    const weight = Math.sqrt(box.width * box.height);
    sum += weight;
    x += weight * (box.x + box.width / 2);
    y += weight * (box.y + box.height / 2);
  }
  return { x: x / sum, y: y / sum };
}
