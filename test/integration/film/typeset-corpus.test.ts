import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { classic } from "../../../dist/film/model/theme.js";
import { createFontBook } from "../../../dist/film/typography/font-book.js";
import { tidyText } from "../../../dist/film/typography/tidy-text.js";
import { frameUnits } from "../../../dist/film/model/frame-units.js";
import { createTypeset } from "../../../dist/film/typography/typeset.js";

const corpus = path.resolve(import.meta.dirname, "../../../../shared/corpus/text");

/** Texts that were written to break programs, and real ones; not part of this repository. */
describe.skipIf(!existsSync(corpus))("texts of the corpus", () => {
  const fonts = createFontBook(classic.type.weight);
  const typeset = createTypeset(classic, fonts, frameUnits({ width: 1920, height: 1080 }));
  const read = (name: string): string => readFileSync(path.join(corpus, name), "utf8");
  const words = (text: string): string => text.replaceAll(/\s+/g, "");
  const linesLost = (texts: readonly string[]): string[] =>
    texts.filter((text) => {
      const pages = typeset(text, "card") ?? [];
      return words(pages.map((page) => page.text).join("")) !== words(tidyText(text));
    });

  it("lose no word: naughty strings", () => {
    const strings = read("blns.txt").split("\n");
    expect(strings.length).toBeGreaterThan(500);
    expect(linesLost(strings)).toEqual([]);
    expect(linesLost([strings.join("\n"), strings.join(" ")])).toEqual([]);
  });

  it("lose no word: names of many countries", () => {
    const names = read("common-surnames-by-country.csv").split("\n");
    expect(names.filter((name) => fonts.drawable(tidyText(name)).includes("\u{FFFD}"))).toEqual([]);
  });

  it("lose no word: a long Arabic text, set from the right", () => {
    const text = read("udhr_arabic_rtl.html")
      .replaceAll(/<(style|script|head)[\s\S]*?<\/\1>/g, "")
      .replaceAll(/<[^>]+>|&\w+;/g, " ");
    const pages = typeset(text, "card") ?? [];
    expect(pages.length).toBeGreaterThan(10);
    expect(linesLost([text])).toEqual([]);
    expect(pages.filter((page) => page.direction === "rtl").length).toBeGreaterThan(pages.length * 0.9);
  });
});
