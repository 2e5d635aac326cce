import { describe, expect, test } from "vitest";

import { rgbToI420, rgbaToOverlay } from "../../../../../dist/film/scenes/drawing/pixels.js";

/** ITU-R BT.709 in floating point, limited range. */
function bt709(red: number, green: number, blue: number): [number, number, number] {
  const luma = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
  return [
    16 + 219 * luma,
    128 + (224 * (blue / 255 - luma)) / 1.8556,
    128 + (224 * (red / 255 - luma)) / 1.5748,
  ];
}

function filled(width: number, height: number, pixel: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: width * height * pixel.length }, (_, i) => pixel[i % pixel.length] ?? 0);
}

describe("rgbToI420", () => {
  test("converts every colour of a coarse cube to BT.709 within rounding", () => {
    for (let red = 0; red <= 255; red += 51) {
      for (let green = 0; green <= 255; green += 51) {
        for (let blue = 0; blue <= 255; blue += 51) {
          const picture = rgbToI420(filled(2, 2, [red, green, blue]), 2, 2);
          const expected = bt709(red, green, blue);
          [picture[0], picture[4], picture[5]].forEach((value, i) => {
            expect(Math.abs((value ?? -1) - (expected[i] ?? 0))).toBeLessThanOrEqual(0.51);
          });
        }
      }
    }
  });

  test("converts greys without colour, black to 16 and white to 235", () => {
    for (let grey = 0; grey < 256; grey += 1) {
      const picture = rgbToI420(filled(2, 2, [grey, grey, grey]), 2, 2);
      expect([picture[4], picture[5]]).toEqual([128, 128]);
    }
    expect(rgbToI420(filled(2, 2, [0, 0, 0]), 2, 2)[0]).toBe(16);
    expect(rgbToI420(filled(2, 2, [255, 255, 255]), 2, 2)[0]).toBe(235);
  });

  test("sites chroma to the left: a blue column spreads evenly around an even column", () => {
    const width = 8;
    const uOfBlueColumn = (column: number): number[] => {
      const rgb = filled(width, 2, [0, 0, 0]);
      for (const row of [0, 1]) rgb[(row * width + column) * 3 + 2] = 255;
      return [...rgbToI420(rgb, width, 2).subarray(width * 2, width * 2 + 4)];
    };
    expect(uOfBlueColumn(2)).toEqual([128, 184, 128, 128]);
    expect(uOfBlueColumn(3)).toEqual([128, 156, 156, 128]);
    // Beyond the left edge the first column repeats.
    expect(uOfBlueColumn(0)).toEqual([212, 128, 128, 128]);
  });

  test("rejects an odd size", () => {
    expect(() => rgbToI420(new Uint8Array(3 * 3 * 2), 3, 2)).toThrow(/even/);
  });
});

describe("rgbaToOverlay", () => {
  test("writes the layout of an overlay file", () => {
    const overlay = rgbaToOverlay(filled(4, 2, [255, 255, 255, 64]), 4, 2);
    expect([...overlay]).toEqual([
      ...Array<number>(8).fill(235),
      ...Array<number>(4).fill(128),
      ...Array<number>(8).fill(64),
      ...Array<number>(2).fill(64),
    ]);
  });

  test("ignores the colour of transparent neighbours in a chroma sample", () => {
    const rgba = filled(2, 2, [255, 0, 0, 0]);
    rgba.set([0, 0, 255, 255], 4);
    rgba.set([0, 0, 255, 255], 12);
    const overlay = rgbaToOverlay(rgba, 2, 2);
    const blue = bt709(0, 0, 255);
    expect(overlay[4]).toBe(Math.round(blue[1]));
    expect(overlay[5]).toBe(Math.round(blue[2]));
    // One of four columns' weight (1, 2, 1 with the edge repeated) is covered.
    expect(overlay[10]).toBe(64);
  });
});
