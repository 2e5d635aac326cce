import fc from "fast-check";
import { expect, it } from "vitest";

import { paginateNames } from "../../../../dist/film/scenes/paginate-names.js";

it("keeps every name in its order, on pages of like length that the closing holds", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 200 }), (names) => {
      const pages = paginateNames(names);
      expect(pages.flat()).toEqual(names);
      const lengths = pages.map((page) => page.length);
      expect(Math.max(0, ...lengths)).toBeLessThanOrEqual(18);
      expect(lengths.every((length) => Math.abs(length - (lengths[0] ?? 0)) <= 1)).toBe(true);
    }),
  );
  expect(paginateNames([])).toEqual([]);
});
