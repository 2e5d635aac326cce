import type { Box } from "../../model/box.js";
import { r2Across, r2Down } from "../../model/r2-sequence.js";
import type { Rgb } from "../../../colour/rgb.js";
import { rgbToYuv } from "../../../colour/yuv.js";

/**
 * A picture without detail, stored as few numbers: backgrounds and the blurred fills around photos. It is enlarged in
 * floating point and rounded once, with dither, so that dark gradients have no bands.
 */
export interface SoftField {
  readonly columns: number;
  readonly rows: number;
  /** Coded BT.709 limited range, unrounded: Y 16 to 235, U and V around 128. */
  readonly y: Float32Array;
  readonly u: Float32Array;
  readonly v: Float32Array;
}

/** A soft shadow under a box, in px of the picture. */
export interface Shadow {
  readonly box: Box;
  readonly spreadPx: number;
  readonly opacity: number;
}

/** @param colourAt returns the colour of a place given as fractions of width and height */
export function createSoftField(
  columns: number,
  rows: number,
  colourAt: (x: number, y: number) => Rgb,
): SoftField {
  const size = columns * rows;
  const field = {
    columns,
    rows,
    y: new Float32Array(size),
    u: new Float32Array(size),
    v: new Float32Array(size),
  };
  for (let i = 0; i < size; i += 1) {
    const place = { x: ((i % columns) + 0.5) / columns, y: (Math.floor(i / columns) + 0.5) / rows };
    [field.y[i], field.u[i], field.v[i]] = rgbToYuv(colourAt(place.x, place.y));
  }
  return field;
}

/**
 * Enlarges a field to a picture file's bytes by cubic B-splines, which neither ring nor show their grid.
 *
 * @param width even
 * @param height even
 */
export function renderSoftField(
  field: SoftField,
  width: number,
  height: number,
  shadow: Shadow | null,
): Uint8Array {
  const picture = new Uint8Array((width * height * 3) / 2);
  const shade = shadow === null ? null : shadeProfiles(shadow, width, height);
  const luma = { field, values: field.y, black: 16, shade };
  const area = width * height;
  renderPlane(luma, { out: picture.subarray(0, area), width, height, step: 1, phase: 0 });
  const chroma = { width: width / 2, height: height / 2, step: 2 };
  const u = picture.subarray(area, (area * 5) / 4);
  const v = picture.subarray((area * 5) / 4);
  renderPlane({ ...luma, values: field.u, black: 128 }, { ...chroma, out: u, phase: 0.31 });
  renderPlane({ ...luma, values: field.v, black: 128 }, { ...chroma, out: v, phase: 0.67 });
  return picture;
}

interface PlaneSource {
  readonly field: SoftField;
  readonly values: Float32Array;
  readonly black: number;
  readonly shade: { readonly x: Float32Array; readonly y: Float32Array } | null;
}

interface PlaneTarget {
  readonly out: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Luma pixels per pixel of the plane. */
  readonly step: number;
  readonly phase: number;
}

function renderPlane({ field, values, black, shade }: PlaneSource, target: PlaneTarget): void {
  const { out, width, height, step, phase } = target;
  const { columns, rows } = field;
  const across = splineTaps(width, columns, step, width * step);
  const down = splineTaps(height, rows, step, height * step);
  const row = new Float32Array(columns);
  for (let y = 0; y < height; y += 1) {
    for (let column = 0; column < columns; column += 1) {
      let sum = 0;
      for (let tap = 0; tap < 4; tap += 1) {
        sum += at(down.weights, y * 4 + tap) * at(values, at(down.indices, y * 4 + tap) * columns + column);
      }
      row[column] = sum - black;
    }
    const shadeDown = shade === null ? 0 : at(shade.y, y * step);
    for (let x = 0; x < width; x += 1) {
      const tap = x * 4;
      let value =
        at(across.weights, tap) * at(row, at(across.indices, tap)) +
        at(across.weights, tap + 1) * at(row, at(across.indices, tap + 1)) +
        at(across.weights, tap + 2) * at(row, at(across.indices, tap + 2)) +
        at(across.weights, tap + 3) * at(row, at(across.indices, tap + 3));
      if (shade !== null) value *= 1 - shadeDown * at(shade.x, x * step);
      out[y * width + x] = Math.floor(black + value + ditherAt(x, y, phase));
    }
  }
}

/** Dither, 0 to 1: spreads rounding evenly over neighbours by the R2 sequence, the same on every run. */
export function ditherAt(x: number, y: number, phase: number): number {
  const sum = phase + x * r2Across + y * r2Down;
  return sum - Math.floor(sum);
}

function splineTaps(
  count: number,
  cells: number,
  step: number,
  length: number,
): { indices: Uint16Array; weights: Float32Array } {
  const indices = new Uint16Array(count * 4);
  const weights = new Float32Array(count * 4);
  for (let i = 0; i < count; i += 1) {
    const position = ((i * step + step / 2) / length) * cells - 0.5;
    const base = Math.floor(position);
    const t = position - base;
    const spline = [(1 - t) ** 3, 3 * t ** 3 - 6 * t ** 2 + 4, -3 * t ** 3 + 3 * t ** 2 + 3 * t + 1, t ** 3];
    for (const [tap, weight] of spline.entries()) {
      indices[i * 4 + tap] = Math.min(cells - 1, Math.max(0, base - 1 + tap));
      weights[i * 4 + tap] = weight / 6;
    }
  }
  return { indices, weights };
}

/** The shadow of a box is the product of its horizontal and its vertical shadow. */
function shadeProfiles(
  { box, spreadPx, opacity }: Shadow,
  width: number,
  height: number,
): { x: Float32Array; y: Float32Array } {
  const profile = (length: number, start: number, end: number, darkest: number): Float32Array =>
    Float32Array.from(
      { length },
      (_, i) => darkest * smoothStep((i - start) / spreadPx + 0.5) * smoothStep((end - i) / spreadPx + 0.5),
    );
  return {
    x: profile(width, box.x, box.x + box.width, opacity),
    y: profile(height, box.y, box.y + box.height, 1),
  };
}

/** Goes from 0 to 1 without a corner at either end (Perlin 2002). */
export function smoothStep(t: number): number {
  const s = Math.min(1, Math.max(0, t));
  return s * s * s * (s * (s * 6 - 15) + 10);
}

function at(values: Float32Array | Uint16Array, index: number): number {
  return values[index] as number;
}
