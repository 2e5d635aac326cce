import fc from "fast-check";
import { expect, it, test } from "vitest";

import { rgbToYuv, yuvToRgb } from "../../../dist/colour/yuv.js";

// ITU-R BT.709 primaries in limited range, as test cards have them.
test.each([
  ["black", [0, 0, 0], [16, 128, 128]],
  ["white", [255, 255, 255], [235, 128, 128]],
  ["red", [255, 0, 0], [63, 102, 240]],
  ["green", [0, 255, 0], [173, 42, 26]],
  ["blue", [0, 0, 255], [32, 240, 118]],
] as const)("converts %s to its codes of BT.709", (_name, rgb, yuv) => {
  expect(rgbToYuv(rgb).map(Math.round)).toEqual(yuv);
});

it("converts every colour to YUV and back", () => {
  const code = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.tuple(code, code, code), (rgb) => {
      expect(yuvToRgb(rgbToYuv(rgb)).map((value) => Math.round(value * 1e6) / 1e6)).toEqual(rgb);
    }),
  );
});
