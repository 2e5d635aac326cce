import { expect, it } from "vitest";

import { i420ToRgb } from "../../../../dist/film/poster/i420-to-rgb.js";

/** A picture of one colour, with rows padded as decoders pad them. */
function plain(y: number, u: number, v: number) {
  const [width, height, padding] = [6, 4, 10];
  return {
    width,
    height,
    planes: [
      new Uint8Array((width + padding) * height).fill(y),
      new Uint8Array((width / 2 + padding) * (height / 2)).fill(u),
      new Uint8Array((width / 2 + padding) * (height / 2)).fill(v),
    ],
    strides: [width + padding, width / 2 + padding, width / 2 + padding],
  };
}

// Colour bars of ITU-R BT.709 in 8-bit limited range.
it.each([
  ["black", [16, 128, 128], [0, 0, 0]],
  ["white", [235, 128, 128], [255, 255, 255]],
  ["red", [63, 102, 240], [255, 0, 0]],
  ["green", [173, 42, 26], [0, 255, 0]],
  ["blue", [32, 240, 118], [0, 0, 255]],
  ["grey", [126, 128, 128], [128, 128, 128]],
])("converts %s of BT.709 to RGB", (_, [y = 0, u = 0, v = 0], expected) => {
  const rgb = i420ToRgb(plain(y, u, v));
  expect(rgb).toHaveLength(6 * 4 * 3);
  for (const [index, value] of rgb.entries()) {
    expect(Math.abs(value - (expected[index % 3] ?? Number.NaN))).toBeLessThanOrEqual(2);
  }
});

it("places chroma on its columns", () => {
  const picture = plain(126, 128, 128);
  picture.planes[2]?.set([128, 200, 128], 0);
  picture.planes[2]?.set([128, 200, 128], picture.strides[2] ?? 0);
  const rgb = i420ToRgb(picture);
  const reds = Array.from({ length: 6 }, (_, x) => rgb[3 * x] ?? 0);
  expect(reds.indexOf(Math.max(...reds))).toBe(2);
  expect(reds[1]).toBe(reds[3]);
});
