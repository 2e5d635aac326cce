import type { SKRSContext2D } from "@napi-rs/canvas";

import type { Overlay } from "../scene-paint.js";
import { brightestBehind, leastContrast } from "./contrast.js";
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

export function drawLowerThird(
  easel: Easel,
  context: SKRSContext2D,
  { name, box, align, x }: LowerThird,
): void {
  drawSignature(easel, context, name, { x, y: box.y, align });
}

/**
 * The name over a picture, on a scrim as strong as the picture's brightest place behind it needs.
 * @param brightest that is ever behind the name, as a grey code from 0 to 1
 * @param isLocal whether the scrim ends soon after the name
 * @param also more to draw on the scrim
 */
export function drawLowerThirdOnPicture(
  easel: Easel,
  lowerThird: LowerThird | null,
  { brightest, isLocal }: { readonly brightest: number; readonly isLocal: boolean },
  also: ((context: SKRSContext2D) => void) | null,
): Overlay | null {
  if (lowerThird === null && also === null) return null;
  const limit = brightestBehind(easel.theme.colours.type, leastContrast + contrastReserve);
  const needed = brightest <= limit ? 0 : 1 - limit / brightest;
  return easel.drawOverlay((context) => {
    drawScrim(easel, context, {
      strength: Math.max(isLocal ? 0 : leastScrim, needed),
      fullFrom: (lowerThird?.box.y ?? easel.frame.height - 220) - 24,
      side: lowerThird?.align ?? "left",
      fullTo: also === null ? nameEnd(lowerThird) : easel.frame.width,
      isLocal,
    });
    if (lowerThird !== null) drawLowerThird(easel, context, lowerThird);
    also?.(context);
  });
}

/** The end of the name that is away from its margin. */
function nameEnd(lowerThird: LowerThird | null): number {
  if (lowerThird === null) return 0;
  return lowerThird.align === "left" ? lowerThird.box.x + lowerThird.box.width : lowerThird.box.x;
}

/** For the film's encoding and for lights smaller than what is measured. */
const contrastReserve = 1;
/** A scrim is there on dark pictures too, so that all names stand alike. */
const leastScrim = 0.34;
