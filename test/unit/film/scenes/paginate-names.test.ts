import fc from "fast-check";
import { expect, it } from "vitest";

import { frameUnits } from "../../../../dist/film/frame-units.js";
import { paginateNames } from "../../../../dist/film/scenes/paginate-names.js";

it.each([
  [1920, 1080, 18],
  [1080, 1080, 12],
  [1080, 1920, 12],
])("keeps every name in its order, on pages of like length, of %i by %i", (width, height, most) => {
  const frame = frameUnits({ width, height });
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 200 }), (names) => {
      const pages = paginateNames(names, frame);
      expect(pages.flat()).toEqual(names);
      const lengths = pages.map((page) => page.length);
      expect(Math.max(0, ...lengths)).toBeLessThanOrEqual(most);
      expect(lengths.every((length) => Math.abs(length - (lengths[0] ?? 0)) <= 1)).toBe(true);
    }),
  );
  expect(paginateNames([], frame)).toEqual([]);
});
