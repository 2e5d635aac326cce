import { baseDirection } from "../typography/direction.js";
import type { ClipContent } from "../scene.js";
import type { ScenePaint } from "../scene-paint.js";
import type { Easel } from "./easel.js";
import { drawPlainGround } from "./grounds.js";
import { drawLowerThirdOnPicture, layOutLowerThird } from "./lower-third.js";
import { placeClip } from "./place-clip.js";

/** The painter darkens the fill around a clip to less than this, a grey code from 0 to 1. */
const brightestFill = 0.5;

/**
 * The whole clip at its own aspect, over a fill of itself that the painter makes, with the name outside of it where
 * there is room.
 */
export function drawClip(easel: Easel, content: ClipContent): ScenePaint {
  const { settings, frame } = easel;
  const isNameRight = baseDirection(content.name ?? "") === "rtl";
  const { box, name, nameMeasure, nameTop } = placeClip(content.clip, settings, frame, isNameRight);
  const lowerThird = layOutLowerThird(easel, content.name, nameMeasure, nameTop);
  const isOver = name === "over" || (name === "below" && isTooTall(lowerThird?.box.y, box, frame.unitPx));
  // What a clip will show behind the name is not known before it is decoded, so white is assumed.
  const behind = { brightest: isOver ? 1 : brightestFill, isLocal: !isOver };
  const overlay = drawLowerThirdOnPicture(easel, lowerThird, behind, null);
  return {
    ground: drawPlainGround(easel, "ltr"),
    clip: {
      ...box,
      asset: content.clip,
      firstFrame: content.clipFirstFrame,
      frameCount: content.clipFrameCount,
    },
    overlays: overlay === null ? [] : [overlay],
  };
}

/** A name of several lines may reach up into the clip. */
function isTooTall(
  nameTop: number | undefined,
  box: { readonly y: number; readonly height: number },
  unitPx: number,
): boolean {
  return nameTop !== undefined && nameTop * unitPx < box.y + box.height;
}
