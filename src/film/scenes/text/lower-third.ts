import type { SKRSContext2D } from "@napi-rs/canvas";

import type { Box } from "../../model/box.js";
import type { Overlay } from "../../model/scene-layers.js";
import type { TextColours } from "../../model/theme.js";
import type { FrameUnits } from "../../model/frame-units.js";
import type { DrawingContext } from "../drawing/drawing-context.js";
import { fitName, type FittedName } from "./fit-name.js";
import type { PictureTextColours } from "./choose-text-colours.js";
import { drawScrim } from "../drawing/scrim.js";
import { drawSignature, signatureBox, signatureHeight } from "./text-pieces.js";

/** Distance from the last baseline of a name down to the margin. */
const belowBaseline = 31;

/** Last baseline of a name over a picture, in units: always the same in one frame. */
export function nameBaseline({ height, margin }: FrameUnits): number {
  return height - margin.y - belowBaseline;
}

/** Distance of a name from the side of the picture that it is drawn on. */
const insetInside = 64;

export interface LowerThird {
  readonly name: FittedName;
  readonly box: Box;
  readonly align: "left" | "right";
  /** The margin that the name starts from: the left one, or the right one for a name that is read from there. */
  readonly x: number;
}

/**
 * Lays out a name in the lower third.
 *
 * @param measurePx width that is free beside other content
 * @param place `top` is the top of the rule of a name under a picture, null for the usual place; `inside` is the
 *   picture that the name is drawn on, in reference units, null for the frame
 */
export function layOutLowerThird(
  drawing: DrawingContext,
  name: string | null,
  measurePx: number,
  { top = null, inside = null }: { readonly top?: number | null; readonly inside?: Box | null } = {},
): LowerThird | null {
  const { theme, frame } = drawing;
  const left = Math.max(frame.margin.x, (inside?.x ?? 0) + insetInside);
  const right = Math.min(
    frame.width - frame.margin.x,
    (inside === null ? frame.width : inside.x + inside.width) - insetInside,
  );
  const { namePx: sizePx, minPx } = theme.type;
  const fitted = fitName(drawing, name, { sizePx, minPx, measurePx: Math.min(measurePx, right - left) });
  if (fitted === null) return null;
  const align = fitted.direction === "rtl" ? "right" : "left";
  const x = align === "left" ? left : right;
  const lowest = nameBaseline(frame);
  const lastBaseline = top === null ? lowest : Math.min(lowest, top + signatureHeight(fitted));
  return { name: fitted, align, x, box: signatureBox(fitted, { x, lastBaseline, align }) };
}

export function drawLowerThird(
  context: SKRSContext2D,
  colours: TextColours,
  { name, box, align, x }: LowerThird,
): void {
  drawSignature(context, colours, name, { x, y: box.y, align });
}

/**
 * Draws the name over a picture, on a scrim.
 *
 * @param options `within` is the picture, in reference units, where it does not fill the frame: the scrim ends with
 *   it; `acrossFrame` is true where the scrim is also behind other content, beside the name or instead of it
 */
export function drawLowerThirdOnPicture(
  drawing: DrawingContext,
  lowerThird: LowerThird | null,
  colours: PictureTextColours,
  {
    within = null,
    acrossFrame = false,
  }: { readonly within?: Box | null; readonly acrossFrame?: boolean } = {},
): Overlay | null {
  if (lowerThird === null && !acrossFrame) return null;
  return drawing.drawOverlay((context) => {
    context.save();
    if (within !== null) {
      context.beginPath();
      context.rect(within.x, within.y, within.width, within.height);
      context.clip();
    }
    drawScrim(drawing, context, {
      colour: colours.scrim,
      strength: colours.strength,
      fullFrom: (lowerThird?.box.y ?? drawing.frame.height - 220) - 24,
      side: lowerThird?.align ?? "left",
      reach: acrossFrame ? drawing.frame.width : nameReach(drawing, lowerThird),
    });
    context.restore();
    if (lowerThird !== null) drawLowerThird(context, colours, lowerThird);
  });
}

/** Distance from the side of the frame to the far end of the name. */
function nameReach({ frame }: DrawingContext, lowerThird: LowerThird | null): number {
  if (lowerThird === null) return 0;
  const { box, align } = lowerThird;
  return align === "left" ? box.x + box.width : frame.width - box.x;
}
