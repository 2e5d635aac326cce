import type { SKRSContext2D } from "@napi-rs/canvas";

import type { Overlay } from "../scene-paint.js";
import type { Ink, Rgb } from "../theme.js";
import { greatestShare, leastContrast, leastGraphicContrast } from "./contrast.js";
import type { FrameUnits } from "../frame-units.js";
import type { Box, Easel } from "./easel.js";
import { fitName, type FittedName } from "./fit-name.js";
import { drawScrim } from "./scrim.js";
import { drawSignature, signatureBox, signatureHeight } from "./text-pieces.js";

/** Under the last baseline of a name, down to the margin. */
const belowBaseline = 31;

/** The last baseline of a name that stands over a picture: in one frame always the same, in units. */
export function nameBaseline({ height, margin }: FrameUnits): number {
  return height - margin.y - belowBaseline;
}

export interface LowerThird {
  readonly name: FittedName;
  readonly box: Box;
  readonly align: "left" | "right";
  /** The margin the name stands at: the left one, or the right one for a name that reads from there. */
  readonly x: number;
}

/**
 * @param measurePx the room there is beside what the name must keep clear of
 * @param top of the rule where the name stands under a picture; null for where all names stand
 */
export function layOutLowerThird(
  easel: Easel,
  name: string | null,
  measurePx: number,
  top: number | null = null,
): LowerThird | null {
  const { theme, frame } = easel;
  const fitted = fitName(easel, name, { sizePx: theme.type.namePx, leastPx: theme.type.leastPx, measurePx });
  if (fitted === null) return null;
  const align = fitted.direction === "rtl" ? "right" : "left";
  const x = align === "left" ? frame.margin.x : frame.width - frame.margin.x;
  const lowest = nameBaseline(frame);
  const lastBaseline = top === null ? lowest : Math.min(lowest, top + signatureHeight(fitted));
  return { name: fitted, align, x, box: signatureBox(fitted, { x, lastBaseline, align }) };
}

export function drawLowerThird(context: SKRSContext2D, ink: Ink, { name, box, align, x }: LowerThird): void {
  drawSignature(context, ink, name, { x, y: box.y, align });
}

/**
 * The name over a picture, on a scrim as strong as what is ever behind it needs.
 * @param also more to draw on the scrim
 */
export function drawLowerThirdOnPicture(
  easel: Easel,
  lowerThird: LowerThird | null,
  behind: readonly Rgb[],
  also: ((context: SKRSContext2D) => void) | null,
): Overlay | null {
  if (lowerThird === null && also === null) return null;
  const { scrim, ...ink } = easel.theme.onPicture;
  const needs = [
    { colour: ink.type, ratio: leastContrast + contrastReserve },
    { colour: ink.accent, ratio: leastGraphicContrast },
  ];
  return easel.drawOverlay((context) => {
    drawScrim(easel, context, {
      strength: 1 - greatestShare(scrim, behind, needs, 1 - leastScrim),
      fullFrom: (lowerThird?.box.y ?? easel.frame.height - 220) - 24,
      side: lowerThird?.align ?? "left",
      fullTo: also === null ? nameEnd(lowerThird) : easel.frame.width,
    });
    if (lowerThird !== null) drawLowerThird(context, ink, lowerThird);
    also?.(context);
  });
}

/** The end of the name that is away from its margin. */
function nameEnd(lowerThird: LowerThird | null): number {
  if (lowerThird === null) return 0;
  return lowerThird.align === "left" ? lowerThird.box.x + lowerThird.box.width : lowerThird.box.x;
}

/** For the film's encoding and for lights smaller than what is measured. */
const contrastReserve = 0.5;
/** A scrim is there on dark pictures too, so that all names stand alike. */
const leastScrim = 0.34;
