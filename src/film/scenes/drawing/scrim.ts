import { createCanvas, type SKRSContext2D } from "@napi-rs/canvas";

import type { Rgb } from "../../../colour/rgb.js";
import type { DrawingContext } from "./drawing-context.js";
import { ditherAt, smoothStep } from "./soft-field.js";

export interface Scrim {
  readonly colour: Rgb;
  /** Opacity behind the name. */
  readonly strength: number;
  /** Top of the area in which the scrim has its full strength, in reference units. Above it, the scrim fades. */
  readonly fullFrom: number;
  readonly side: "left" | "right";
  /** Distance from that side over which it has its full strength. */
  readonly reach: number;
}

const fadeUnits = 300;
/** Share of its strength at the far side of the frame. */
const farShare = 0.5;

/** Draws a scrim that rises softly from the bottom of the frame, dithered, without visible edges. */
export function drawScrim({ settings, frame }: DrawingContext, context: SKRSContext2D, scrim: Scrim): void {
  const { width, height } = settings;
  const [red, green, blue] = scrim.colour;
  const top = Math.max(0, Math.floor((scrim.fullFrom - fadeUnits) * frame.unitPx));
  const rows = height - top;
  const canvas = createCanvas(width, rows);
  const target = canvas.getContext("2d");
  const image = target.createImageData(width, rows);
  const across = Float32Array.from({ length: width }, (_, x) =>
    shareAcross(x / frame.unitPx, frame.width, scrim),
  );
  for (let y = 0; y < rows; y += 1) {
    const down =
      scrim.strength * 255 * smoothStep(((top + y) / frame.unitPx - scrim.fullFrom + fadeUnits) / fadeUnits);
    for (let x = 0; x < width; x += 1) {
      const alpha = Math.floor(down * (across[x] as number) + ditherAt(x, y, 0.5));
      const pixel = (y * width + x) * 4;
      image.data[pixel] = red;
      image.data[pixel + 1] = green;
      image.data[pixel + 2] = blue;
      image.data[pixel + 3] = alpha;
    }
  }
  target.putImageData(image, 0, 0);
  context.save();
  context.resetTransform();
  context.drawImage(canvas, 0, top);
  context.restore();
}

function shareAcross(x: number, widthUnits: number, { side, reach }: Scrim): number {
  const fromSide = side === "left" ? x : widthUnits - x;
  const full = Math.min(reach + 40, widthUnits);
  return 1 - (1 - farShare) * smoothStep((fromSide - full) / Math.max(1, widthUnits - full));
}
