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

/** Under the last baseline of a name, down to the margin. */
const belowBaseline = 31;

/** The last baseline of a name that stands over a picture: in one frame always the same, in units. */
export function nameBaseline({ height, margin }: FrameUnits): number {
  return height - margin.y - belowBaseline;
}

/** Of a name from the side of a picture that it stands in. */
const insetInside = 64;

export interface LowerThird {
  readonly name: FittedName;
  readonly box: Box;
  readonly align: "left" | "right";
  /** The margin the name stands at: the left one, or the right one for a name that reads from there. */
  readonly x: number;
}

/**
 * @param measurePx the room there is beside what the name must keep clear of
 * @param place.top of the rule where the name stands under a picture; null for where all names stand
 * @param place.inside a picture that the name stands in, in reference units; null for the frame
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
  ink: TextColours,
  { name, box, align, x }: LowerThird,
): void {
  drawSignature(context, ink, name, { x, y: box.y, align });
}

/**
 * The name over a picture, on a scrim.
 * @param within where the picture is, in reference units, if it is not the whole frame; the scrim ends with it
 * @param acrossFrame whether something else stands on the scrim beside the name, or in its place
 */
export function drawLowerThirdOnPicture(
  drawing: DrawingContext,
  lowerThird: LowerThird | null,
  ink: PictureTextColours,
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
      colour: ink.scrim,
      strength: ink.strength,
      fullFrom: (lowerThird?.box.y ?? drawing.frame.height - 220) - 24,
      side: lowerThird?.align ?? "left",
      reach: acrossFrame ? drawing.frame.width : nameReach(drawing, lowerThird),
    });
    context.restore();
    if (lowerThird !== null) drawLowerThird(context, ink, lowerThird);
  });
}

/** From the side of the frame to the end of the name that is away from it. */
function nameReach({ frame }: DrawingContext, lowerThird: LowerThird | null): number {
  if (lowerThird === null) return 0;
  const { box, align } = lowerThird;
  return align === "left" ? box.x + box.width : frame.width - box.x;
}
