import fc from "fast-check";
import { expect, test } from "vitest";

import { frameUnits } from "../../../../dist/film/model/frame-units.js";
import { placeClip } from "../../../../dist/film/scenes/place-clip.js";

const sizes = [
  { width: 1920, height: 1080 },
  { width: 1080, height: 1920 },
  { width: 1080, height: 1080 },
  { width: 640, height: 360 },
  { width: 3840, height: 2160 },
];

test("places a clip in the largest even box of its shape, with the room for its name that is reported", () => {
  const side = fc.integer({ min: 16, max: 4096 });
  fc.assert(
    fc.property(side, side, fc.constantFrom(...sizes), fc.boolean(), (width, height, size, isNameRight) => {
      fc.pre(width / height < 6 && height / width < 6);
      const frame = frameUnits(size);
      const { box, name, nameMeasure, nameTop } = placeClip({ width, height }, size, frame, isNameRight);
      for (const value of [box.x, box.y, box.width, box.height]) expect(value % 2).toBe(0);
      // A sticker of a few pixels is not enlarged to the whole frame.
      const isSmall = Math.max(width / size.width, height / size.height) * 6 * frame.unitPx < 1;
      if (isSmall) expect(Math.abs(box.width - width * 6 * frame.unitPx)).toBeLessThanOrEqual(1);
      else expect(box.width === size.width || box.height === size.height).toBe(true);
      expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width <= size.width && box.y + box.height <= size.height).toBe(true);
      expect(Math.abs(box.width / box.height / (width / height) - 1)).toBeLessThan(isSmall ? 0.1 : 0.04);
      expect(nameMeasure).toBeGreaterThanOrEqual(299);
      const units = { left: box.x / frame.unitPx, right: (box.x + box.width) / frame.unitPx };
      if (name === "beside" && isNameRight) {
        expect(frame.width - frame.margin.x - nameMeasure).toBeGreaterThan(units.right + 30);
      }
      if (name === "beside" && !isNameRight) {
        expect(frame.margin.x + nameMeasure).toBeLessThan(units.left - 30);
      }
      if (name === "below") {
        expect(nameTop).toBeGreaterThan((box.y + box.height) / frame.unitPx + 30);
        expect(nameTop).toBeLessThanOrEqual(frame.height - frame.margin.y - 90);
      }
    }),
  );
});

const hd = { width: 1920, height: 1080 };
const tall = { width: 1080, height: 1920 };
const square = { width: 1080, height: 1080 };
test.each([
  ["an upright phone", hd, 1080, 1920, { x: 656, y: 0, width: 608, height: 1080 }, "beside"],
  ["the frame's shape", hd, 1280, 720, { x: 0, y: 0, width: 1920, height: 1080 }, "over"],
  ["old television", hd, 640, 480, { x: 240, y: 0, width: 1440, height: 1080 }, "over"],
  ["a square", hd, 640, 640, { x: 672, y: 0, width: 1080, height: 1080 }, "beside"],
  ["a wide clip", tall, 1280, 720, { x: 0, y: 558, width: 1080, height: 608 }, "below"],
  ["a tall frame's shape", tall, 720, 1280, { x: 0, y: 0, ...tall }, "over"],
  ["a wide clip", square, 1280, 720, { x: 0, y: 164, width: 1080, height: 608 }, "below"],
  ["an upright phone", square, 720, 1280, { x: 472, y: 0, width: 608, height: 1080 }, "beside"],
])("%s in %o", (_what, size, width, height, box, name) => {
  expect(placeClip({ width, height }, size, frameUnits(size), false)).toMatchObject({ box, name });
});
