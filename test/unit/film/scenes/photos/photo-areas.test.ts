import fc from "fast-check";
import { expect, it } from "vitest";

import { frameUnits } from "../../../../../dist/film/model/frame-units.js";
import { nameBaseline } from "../../../../../dist/film/scenes/text/lower-third.js";
import {
  photoAreaBesideWords,
  photoAreaOverBlock,
  photoAreaWithName,
  isOverWords,
  wordsColumn,
} from "../../../../../dist/film/scenes/photos/photo-areas.js";
import { fitPhoto } from "../../../../../dist/film/scenes/photos/fit-photo.js";

const wide = frameUnits({ width: 1920, height: 1080 });
const frames = [
  wide,
  frameUnits({ width: 640, height: 360 }),
  frameUnits({ width: 3840, height: 2160 }),
  frameUnits({ width: 1080, height: 1920 }),
  frameUnits({ width: 1080, height: 1080 }),
];
const photos = fc.record({
  width: fc.integer({ min: 1, max: 4096 }),
  height: fc.integer({ min: 1, max: 4096 }),
});

it("places a photo above words within the frame, without overlap and outside of the margin", () => {
  fc.assert(
    fc.property(
      photos,
      fc.constantFrom(...frames),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      (photo, frame, part) => {
        const blockHeight = part * frame.height;
        const { area, blockTop } = photoAreaOverBlock(frame, photo, blockHeight);
        expect(Math.min(area.x, area.y)).toBeGreaterThanOrEqual(50);
        expect(area.x + area.width).toBeLessThanOrEqual(frame.width - 50);
        expect(blockTop).toBeGreaterThanOrEqual(area.y + area.height + 40);
        expect(blockTop + blockHeight).toBeLessThanOrEqual(nameBaseline(frame) + 1e-6);
        // A photo that is fitted into its area fills it.
        const { width, height } = fitPhoto(photo, area, frame);
        expect(width).toBeCloseTo(area.width, 6);
        expect(height).toBeCloseTo(area.height, 6);
      },
    ),
  );
});

it("leaves room for the name beside a photo without words", () => {
  fc.assert(
    fc.property(photos, fc.boolean(), (photo, isNameRight) => {
      const { area, nameMeasure } = photoAreaWithName(wide, photo, isNameRight);
      const { width, height } = fitPhoto(photo, area, wide);
      const left = area.x + (area.width - width) / 2;
      const foot = area.y + (area.height + height) / 2;
      const isAbove = foot <= nameBaseline(wide) - 70 - 40;
      const nameEnd = wide.margin.x + nameMeasure;
      const photoStart = isNameRight ? wide.width - left - width : left;
      expect(isAbove || nameEnd <= photoStart - 40).toBe(true);
      expect(nameMeasure).toBeGreaterThanOrEqual(300 - 1e-6);
      expect(left).toBeGreaterThanOrEqual(100);
    }),
  );
});

it.each(["ltr", "rtl"] as const)("a photo beside %s words keeps clear of them", (direction) => {
  const area = photoAreaBesideWords(wide, direction);
  const { x, measurePx, align } = wordsColumn(wide, direction);
  const left = align === "left" ? x : x - measurePx;
  const gap = direction === "ltr" ? left - area.x - area.width : area.x - left - measurePx;
  expect(gap).toBe(100);
  expect(left).toBeGreaterThanOrEqual(wide.margin.x);
  expect(left + measurePx).toBeLessThanOrEqual(wide.width - wide.margin.x);
});

it("places words under a photo in tall and square frames, and under a panorama in a wide one", () => {
  const upright = { width: 3000, height: 4000 };
  const panorama = { width: 4096, height: 1024 };
  expect(frames.map((frame) => isOverWords(frame, upright, 300))).toEqual([false, false, false, true, true]);
  expect(isOverWords(wide, panorama, 300)).toBe(true);
  expect(isOverWords(wide, { width: 3000, height: 2000 }, 300)).toBe(false);
  expect(isOverWords(wide, panorama, 700)).toBe(false);
});
