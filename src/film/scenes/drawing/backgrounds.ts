import type { FrameUnits } from "../../model/frame-units.js";
import type { Background } from "../../model/scene-layers.js";
import type { Rgb } from "../../../colour/rgb.js";
import { maxShare, mixColours } from "../../../colour/contrast.js";
import type { DrawingContext } from "./drawing-context.js";
import type { PhotoPixels } from "./photo-pixels.js";
import { createSoftField, renderSoftField, smoothStep, type SoftField } from "./soft-field.js";

/**
 * Size of a cell of a soft field: 96 cells along the longer side of a 16:9 frame, about as large in any other shape.
 */
const cellUnits = 20;

function fieldGrid({ width, height }: FrameUnits): { readonly columns: number; readonly rows: number } {
  return { columns: Math.round(width / cellUnits), rows: Math.round(height / cellUnits) };
}

/** Draws the plain background of cards: the background's colour, lighter on the side where reading starts. */
export function drawPlainBackground(drawing: DrawingContext, direction: "ltr" | "rtl"): Background {
  const { width, height } = drawing.settings;
  return drawing.writeBackground(
    renderSoftField(plainField(drawing, direction), width, height, null),
    width,
    height,
    null,
  );
}

function plainField({ theme, frame }: DrawingContext, direction: "ltr" | "rtl"): SoftField {
  const { columns, rows } = fieldGrid(frame);
  const centreX = direction === "ltr" ? 0.36 : 0.64;
  return createSoftField(columns, rows, (x, y) => {
    const distance = Math.hypot((x - centreX) / 0.78, (y - 0.42) / 0.86);
    return mixColours(theme.colours.background, theme.colours.backgroundLift, smoothStep(1 - distance));
  });
}

/** Contrast of text on a fill, well above what it needs, where the theme's colours allow it. */
const fillContrast = { type: 8, label: 5, accent: 3.2 };

/**
 * Blurs a photo beyond recognition and mixes it into the fill's colour until words are readable on it.
 *
 * @param blurCells blur radius in cells of the field: 54 along the shorter side
 */
export async function softPhotoField(
  { theme, frame }: DrawingContext,
  photo: PhotoPixels,
  blurCells: number,
): Promise<SoftField> {
  const { columns, rows } = fieldGrid(frame);
  const small = blur(await photo.shrink(columns, rows), { columns, rows }, blurCells);
  const colours = Array.from({ length: columns * rows }, (_, i): Rgb => {
    return [small[i * 3] ?? 0, small[i * 3 + 1] ?? 0, small[i * 3 + 2] ?? 0];
  });
  const { type, label, accent } = theme.colours;
  const needs = [
    { colour: type, ratio: fillContrast.type },
    { colour: label, ratio: fillContrast.label },
    { colour: accent, ratio: fillContrast.accent },
  ];
  const share = maxShare(theme.fill.colour, colours, needs, theme.fill.share);
  return createSoftField(columns, rows, (x, y) => {
    const cell = Math.floor(y * rows) * columns + Math.floor(x * columns);
    return mixColours(theme.fill.colour, colours[cell] ?? theme.fill.colour, share);
  });
}

/** Gaussian blur, horizontal then vertical, with repeated edges. */
function blur(
  rgb: Uint8Array,
  { columns, rows }: { readonly columns: number; readonly rows: number },
  sigma: number,
): Float32Array {
  const radius = Math.ceil(sigma * 2.6);
  const weights = Array.from({ length: radius * 2 + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const pass = (
    source: ArrayLike<number>,
    pick: (x: number, y: number, offset: number) => number,
  ): Float32Array => {
    const out = new Float32Array(columns * rows * 3);
    for (let i = 0; i < columns * rows; i += 1) {
      for (const [tap, weight] of weights.entries()) {
        const from = pick(i % columns, Math.floor(i / columns), tap - radius) * 3;
        for (let c = 0; c < 3; c += 1) {
          out[i * 3 + c] = (out[i * 3 + c] ?? 0) + ((source[from + c] ?? 0) * weight) / total;
        }
      }
    }
    return out;
  };
  const clamp = (value: number, count: number): number => Math.min(count - 1, Math.max(0, value));
  const across = pass(rgb, (x, y, offset) => y * columns + clamp(x + offset, columns));
  return pass(across, (x, y, offset) => clamp(y + offset, rows) * columns + x);
}
