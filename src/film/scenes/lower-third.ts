import type { SKRSContext2D } from "@napi-rs/canvas";

import type { Overlay } from "../scene-paint.js";
import { brightestBehind, leastContrast } from "./contrast.js";
import { heightUnits, type Box, type Easel } from "./easel.js";
import { fitName, type FittedName } from "./fit-name.js";
import { drawScrim } from "./scrim.js";
import { drawSignature, signatureBox } from "./text-pieces.js";

/** The last baseline of a name that stands over a picture: always the same. */
export const nameBaseline = 962;

export interface LowerThird {
  readonly name: FittedName;
  readonly box: Box;
  readonly align: "left" | "right";
  /** The margin the name stands at: the left one, or the right one for a name that reads from there. */
  readonly x: number;
}

/** @param measurePx the room there is beside what the name must keep clear of */
export function layOutLowerThird(easel: Easel, name: string | null, measurePx: number): LowerThird | null {
  const { theme, widthUnits } = easel;
  const fitted = fitName(easel, name, { sizePx: theme.type.namePx, leastPx: theme.type.leastPx, measurePx });
  if (fitted === null) return null;
  const align = fitted.direction === "rtl" ? "right" : "left";
  const x = align === "left" ? theme.marginPx : widthUnits - theme.marginPx;
  return { name: fitted, align, x, box: signatureBox(fitted, { x, lastBaseline: nameBaseline, align }) };
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
      fullFrom: (lowerThird?.box.y ?? heightUnits - 220) - 24,
      side: lowerThird?.align ?? "left",
      fullTo: also === null ? nameEnd(lowerThird) : easel.widthUnits,
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
