import type { ClipAsset } from "../../assets/asset.js";
import type { ClipContent } from "../scene.js";
import type { ClipPlacement, ScenePaint } from "../scene-paint.js";
import type { Easel } from "./easel.js";
import { drawPlainGround } from "./grounds.js";
import { drawLowerThirdOnPicture, layOutLowerThird } from "./lower-third.js";

/** A clip so nearly of the frame's shape fills it; the difference would be a hairline. */
const nearlyFrame = 0.01;
/** A name that has so much room beside the clip stays beside it. */
const leastNameMeasure = 300;
/** The painter darkens the fill around a clip to less than this, a grey code from 0 to 1. */
const brightestFill = 0.5;

/** The whole clip at its own aspect, over a fill of itself that the painter makes, with the name. */
export function drawClip(easel: Easel, content: ClipContent): ScenePaint {
  const { theme, unitPx, widthUnits } = easel;
  const box = placeClip(content.clip, easel.settings);
  const besideUnits = box.x / unitPx - theme.marginPx - 48;
  const isBeside = besideUnits >= leastNameMeasure;
  const measure = isBeside ? besideUnits : (widthUnits - 2 * theme.marginPx) * 0.8;
  const lowerThird = layOutLowerThird(easel, content.name, measure);
  // What a clip will show behind the name is not known before it is decoded, so white is assumed.
  const behind = { brightest: isBeside ? brightestFill : 1, isLocal: isBeside };
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

/** The largest even box of the clip's shape in the frame, in its middle. */
export function placeClip(
  clip: Pick<ClipAsset, "width" | "height">,
  frame: { readonly width: number; readonly height: number },
): Pick<ClipPlacement, "x" | "y" | "width" | "height" | "blurredFill"> {
  const shape = (clip.width / clip.height) * (frame.height / frame.width);
  if (Math.abs(shape - 1) <= nearlyFrame) {
    return { x: 0, y: 0, width: frame.width, height: frame.height, blurredFill: false };
  }
  const scale = Math.min(frame.width / clip.width, frame.height / clip.height);
  const width = Math.min(frame.width, Math.max(2, Math.round((clip.width * scale) / 2) * 2));
  const height = Math.min(frame.height, Math.max(2, Math.round((clip.height * scale) / 2) * 2));
  const x = Math.floor((frame.width - width) / 4) * 2;
  const y = Math.floor((frame.height - height) / 4) * 2;
  return { x, y, width, height, blurredFill: true };
}
