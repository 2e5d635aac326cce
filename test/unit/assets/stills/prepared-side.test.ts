import { expect, it } from "vitest";

import { preparedSide } from "../../../../dist/assets/stills/prepared-side.js";

it.each([
  ["a photo of 200 megapixels", 16_320, 12_240, 4096],
  ["a small photo", 640, 480, 4096],
  ["a panorama", 21_600, 2700, 11_585],
  ["a screenshot of a long chat", 1080, 12_000, 13_653],
  ["a strip as long as a JPEG can be", 40, 65_500, 32_768],
])("limits the longer side of %s", (_name, width, height, side) => {
  expect(preparedSide({ width, height })).toBe(side);
  expect(preparedSide({ width: height, height: width })).toBe(side);
});
