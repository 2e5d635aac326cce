import type { PhotoAsset, PhotoBox } from "../../media/asset.js";
import { findFaces, type Face } from "../../faces/find-faces.js";
import { findAttention } from "./find-attention.js";
import type { RgbPicture } from "../../media/pictures/rgb-picture.js";

/** What matters in a photo. */
export type Seen = Pick<PhotoAsset, "focus" | "subject">;

/**
 * What matters in a picture: its people, and where there are none what draws the eye. See
 * `docs/decisions/0002-face-detector.md` for how well both do.
 */
export async function findFocus(picture: RgbPicture): Promise<Seen> {
  const heads = (await findFaces(picture)).map(headAround);
  if (heads.length === 0) return { focus: await findAttention(picture) };
  return { focus: middleOf(heads), subject: unionOf(heads) };
}

/** What a head has around its face (forehead to chin), in parts of the face: hair or a hat, ears, the chin's shadow. */
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

/** The mean of the heads' middles; near and large ones weigh more. */
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
