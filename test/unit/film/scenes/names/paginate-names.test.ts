import { createCanvas } from "@napi-rs/canvas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { frameUnits } from "../../../../../dist/film/model/frame-units.js";
import { layOutNames, namesRoom } from "../../../../../dist/film/scenes/names/closing-names.js";
import { paceNames } from "../../../../../dist/film/scenes/names/names-pace.js";
import { paginateNames } from "../../../../../dist/film/scenes/names/paginate-names.js";
import { classic } from "../../../../../dist/film/model/theme.js";
import { createFontBook } from "../../../../../dist/film/typography/font-book.js";

const fonts = createFontBook(classic.type.weight);
const context = createCanvas(16, 16).getContext("2d");
const toolsFor = (width: number, height: number) => ({
  theme: classic,
  fonts,
  context,
  frame: frameUnits({ width, height }),
});
const dedication =
  "The nurses, porters, cleaners and cooks of the night shift at the old hospital by the river, who knew her as Maggie, " +
  "were fed by her for thirty years, and will not forget one of those long and lovely nights";

describe.each([
  [1920, 1080, 18],
  [1080, 1080, 12],
  [1080, 1920, 12],
])("of %i by %i", (width, height, most) => {
  const tools = toolsFor(width, height);

  it("distributes names evenly over as few cards as possible", () => {
    for (const count of [1, 5, 12, 19]) {
      const names = Array.from({ length: count }, (_, index) => `Contributor ${index}`);
      const pages = paginateNames(tools, names);
      expect(pages.flatMap((page) => page.names)).toEqual(names);
      expect(pages).toHaveLength(Math.ceil(count / most));
      const lengths = pages.map((page) => page.names.length);
      const columnCount = pages[0]?.columnCount ?? 0;
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(columnCount);
    }
    expect(paginateNames(tools, [])).toEqual([]);
  });

  it("shows every name completely and in order, within the room and in one size per card", () => {
    const name = fc.oneof(
      fc.string({ minLength: 1, maxLength: 40 }).map((text) => `A${text}`),
      fc.constantFrom(
        "Ruth",
        "ليلى حدّاد",
        "田中 恵子",
        "श्रीमती अनुराधा विश्वनाथन",
        dedication,
        dedication.slice(0, 90),
      ),
    );
    fc.assert(
      fc.property(fc.array(name, { maxLength: 40 }), (names) => {
        const pages = paginateNames(tools, names);
        expect(pages.flatMap((page) => page.names)).toEqual(names);
        for (const page of pages) {
          const { fitted, rows } = layOutNames(tools, page);
          expect(fitted).toHaveLength(page.names.length);
          expect(new Set(fitted.map(({ sizePx }) => sizePx)).size).toBe(1);
          expect(rows.heightUnits).toBeLessThanOrEqual(namesRoom(tools));
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each([60, 200, 300, 500, 1000])(
    "shows %i names completely and in order in little more than 40 s",
    (count) => {
      const first = ["Ruth", "Margarethe", "Anne-Sophie", "Bob", "Christopher", "ليلى", "Maximilian"];
      const last = ["Lindqvist", "Brown", "von Hohenstein", "Nguyen", "O’Callaghan", "حدّاد", "Li"];
      const names = Array.from(
        { length: count },
        (_, index) => `${first[index % 7]} ${last[Math.floor(index / 7) % 7]} ${index}`,
      );
      const pages = paginateNames(tools, names);
      expect(pages.flatMap((page) => page.names)).toEqual(names);
      const counts = pages.map((page) => page.names.length);
      const { dissolveSeconds } = classic.timing;
      const visible = paceNames(counts, classic.timing);
      const seconds = visible.reduce((sum, each) => sum + each + dissolveSeconds, 0);
      expect(seconds).toBeLessThanOrEqual(count > 500 ? 48 : 38.01);
      expect(Math.min(...visible)).toBeGreaterThan(count > 500 ? 1.3 : 2.5);
      for (const page of pages) {
        const { fitted, rows } = layOutNames(tools, page);
        expect(fitted).toHaveLength(page.names.length);
        expect(rows.heightUnits).toBeLessThanOrEqual(namesRoom(tools));
        expect(Math.min(...fitted.map(({ sizePx }) => sizePx))).toBeGreaterThanOrEqual(
          tools.frame.shape === "square" ? 24 : 28,
        );
      }
    },
  );
});
