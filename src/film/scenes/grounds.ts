import type { FrameUnits } from "../frame-units.js";
import type { Ground } from "../scene-paint.js";
import type { Rgb } from "../theme.js";
import { brightestBehind } from "./contrast.js";
import type { Easel } from "./easel.js";
import type { PhotoPixels } from "./photo-pixels.js";
import { createSoftField, renderSoftField, smoothStep, type SoftField } from "./soft-field.js";

/** Cells of a soft field: 96 along a longer side of 16 to 9, about as large in any shape. */
const cellUnits = 20;

function fieldGrid({ width, height }: FrameUnits): { readonly columns: number; readonly rows: number } {
  return { columns: Math.round(width / cellUnits), rows: Math.round(height / cellUnits) };
}

/** The plain ground of cards: near-black with a warm lift on the side where reading starts. */
export function drawPlainGround(easel: Easel, direction: "ltr" | "rtl"): Ground {
  const { width, height } = easel.settings;
  return easel.writeGround(
    renderSoftField(plainField(easel, direction), width, height, null),
    width,
    height,
    null,
  );
}

function plainField({ theme, frame }: Easel, direction: "ltr" | "rtl"): SoftField {
  const { columns, rows } = fieldGrid(frame);
  const centreX = direction === "ltr" ? 0.36 : 0.64;
  return createSoftField(columns, rows, (x, y) => {
    const distance = Math.hypot((x - centreX) / 0.78, (y - 0.42) / 0.86);
    return mix(theme.colours.ground, theme.colours.groundLift, smoothStep(1 - distance));
  });
}

/** Type on a fill keeps well more than the contrast it needs. */
const fillContrast = 8;
const photoShare = 0.38;

/**
 * The photo itself, blurred past recognition and darkened into the ground's colour until words stand on it.
 * @param blurCells cells of the field: 54 along the shorter side
 */
export async function softPhotoField(
  { theme, frame }: Easel,
  photo: PhotoPixels,
  blurCells: number,
): Promise<SoftField> {
  const { columns, rows } = fieldGrid(frame);
  const small = blur(await photo.shrink(columns, rows), { columns, rows }, blurCells);
  const codes = Array.from({ length: columns * rows }, (_, i) => lumaOf(small, i)).sort((a, b) => a - b);
  const brightest = (codes[Math.floor(codes.length * 0.99)] ?? 0) / 255;
  const groundCode = lumaOf(Float32Array.from(theme.colours.ground), 0) / 255;
  const limit = brightestBehind(theme.colours.type, fillContrast);
  const share =
    brightest <= groundCode
      ? photoShare
      : Math.min(photoShare, (limit - groundCode) / (brightest - groundCode));
  return createSoftField(columns, rows, (x, y) => {
    const i = (Math.floor(y * rows) * columns + Math.floor(x * columns)) * 3;
    const colour: Rgb = [small[i] ?? 0, small[i + 1] ?? 0, small[i + 2] ?? 0];
    return mix(theme.colours.ground, colour, share);
  });
}

function lumaOf(rgb: Float32Array, pixel: number): number {
  const i = pixel * 3;
  return 0.2126 * (rgb[i] ?? 0) + 0.7152 * (rgb[i + 1] ?? 0) + 0.0722 * (rgb[i + 2] ?? 0);
}

/** Gaussian, across then down, edges repeated. */
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

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const channel = (i: 0 | 1 | 2): number => one[i] + (other[i] - one[i]) * share;
  return [channel(0), channel(1), channel(2)];
}
