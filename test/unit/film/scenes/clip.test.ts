import fc from "fast-check";
import { expect, it, test } from "vitest";

import { placeClip } from "../../../../dist/film/scenes/clip.js";

const frame = { width: 1920, height: 1080 };

it("shows a clip whole, in its shape, on even pixels, at full height or width", () => {
  const side = fc.integer({ min: 64, max: 4096 });
  fc.assert(
    fc.property(side, side, (width, height) => {
      fc.pre(width / height < 6 && height / width < 6);
      const box = placeClip({ width, height }, frame);
      for (const value of [box.x, box.y, box.width, box.height]) expect(value % 2).toBe(0);
      expect(box.width === frame.width || box.height === frame.height).toBe(true);
      expect(box.x + box.width <= frame.width && box.y + box.height <= frame.height).toBe(true);
      expect(Math.abs(box.width / box.height / (width / height) - 1)).toBeLessThan(0.015);
    }),
  );
});

test.each([
  ["an upright phone", 1080, 1920, { x: 656, y: 0, width: 608, height: 1080, blurredFill: true }],
  ["the frame's own shape", 1280, 720, { x: 0, y: 0, width: 1920, height: 1080, blurredFill: false }],
  ["old television", 640, 480, { x: 240, y: 0, width: 1440, height: 1080, blurredFill: true }],
])("%s", (_what, width, height, box) => {
  expect(placeClip({ width, height }, frame)).toEqual(box);
});
