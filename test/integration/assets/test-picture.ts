import sharp from "sharp";

import type { PhotoAsset } from "../../../dist/media/asset.js";
import type { Pixels } from "./encode-still.js";
import { readFile } from "node:fs/promises";

/**
 * Six fields of different colours, three across and two down, so that every way of turning, mirroring, stretching or
 * miscolouring shows; within what print can show, too.
 */
export const fieldColours = [
  [200, 60, 50],
  [70, 150, 80],
  [85, 115, 160],
  [225, 205, 90],
  [128, 128, 128],
  [62, 58, 64],
] as const;

export async function testPicture(width: number, height: number): Promise<Pixels> {
  const small = Buffer.from(fieldColours.flat());
  const data = await sharp(small, { raw: { width: 3, height: 2, channels: 3 } })
    .resize(width, height, { fit: "fill", kernel: "nearest" })
    .removeAlpha()
    .raw()
    .toBuffer();
  return { data, width, height };
}

export type Rgb = readonly [number, number, number];

/** Colours of the fields of a prepared photo, in the middle of each, row by row. */
export async function fieldsOf(
  photo: Pick<PhotoAsset, "path" | "width" | "height">,
  columns: number,
  rows: number,
): Promise<Rgb[]> {
  const data = await readFile(photo.path);
  if (data.length !== photo.width * photo.height * 3) throw new Error("a photo of another size than it says");
  return fieldsOfPixels({ ...photo, data }, columns, rows);
}

function fieldsOfPixels({ data, width, height }: Pixels, columns: number, rows: number): Rgb[] {
  const fields: Rgb[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const sum = [0, 0, 0];
      let count = 0;
      for (let y = Math.ceil(((row + 0.25) * height) / rows); y < ((row + 0.75) * height) / rows; y += 1) {
        for (
          let x = Math.ceil(((column + 0.25) * width) / columns);
          x < ((column + 0.75) * width) / columns;
          x += 1
        ) {
          for (let channel = 0; channel < 3; channel += 1) {
            sum[channel] = (sum[channel] ?? 0) + (data[(y * width + x) * 3 + channel] ?? 0);
          }
          count += 1;
        }
      }
      fields.push(sum.map((value) => value / count) as unknown as Rgb);
    }
  }
  return fields;
}

/** CIE 1976 colour difference of sRGB colours; 2.3 can just be seen. */
export function deltaE(one: Rgb, other: Rgb): number {
  const [a, b] = [toLab(one), toLab(other)];
  return Math.hypot(...a.map((value, index) => value - (b[index] ?? 0)));
}

function toLab(colour: Rgb): number[] {
  const [r, g, b] = colour.map((value) => {
    const v = value / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const [x, y, z] = [
    (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
    0.2126 * r + 0.7152 * g + 0.0722 * b,
    (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
  ].map((v) => (v > 0.008856 ? Math.cbrt(v) : 7.787 * v + 16 / 116)) as [number, number, number];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
