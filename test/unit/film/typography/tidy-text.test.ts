import { describe, expect, it, test } from "vitest";
import fc from "fast-check";

import { tidyName, tidyText } from "../../../../dist/film/typography/tidy-text.js";

const quoted = fc.string({
  unit: fc.constantFrom(...Array.from("\"\"'' an1s“”ש\u200F\n.(«é\u0301")),
  maxLength: 24,
});

describe("tidyText", () => {
  test.each([
    ["one line end", "a\r\nb\rc\u2028d", "a\nb\nc\nd"],
    ["one blank line at most", "a\n\n\n\n\nb", "a\n\nb"],
    ["no spaces at line ends", "  a  b \n\t c  ", "a b\nc"],
    ["composed letters", "Nova\u0301k", "Nov\u00e1k"],
    ["no controls", "a\u0000b\u0007c\u001b[31m", "abc[31m"],
    ["no direction overrides", "abc\u202Edef\u202C \u2067x\u2069", "abcdef x"],
    ["no private or broken characters", "a\uE000b\uD800c\uFFFC", "abc"],
    [
      "joiners kept",
      "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645",
      "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645",
    ],
    ["families kept", "👨‍👩‍👧 ❤️", "👨‍👩‍👧 ❤️"],
    ["flags of tags kept, stray tags gone", "🏴󠁧󠁢󠁳󠁣󠁴󠁿 a\u{E0041}", "🏴󠁧󠁢󠁳󠁣󠁴󠁿 a"],
    ["lettering of mathematics read as letters", "𝓜𝓾𝓶", "Mum"],
    [
      "apostrophes set as such",
      "St Mary's, dogs' 'tis '90s rock 'n' roll",
      "St Mary’s, dogs’ ’tis ’90s rock ’n’ roll",
    ],
    [
      "straight marks that quote",
      `She said "go", ('so') "he said 'no'."`,
      "She said “go”, (‘so’) “he said ‘no’.”",
    ],
    ["feet and inches", `He was 5'10" tall`, "He was 5′10″ tall"],
    ["a mark without a partner", `so "and then`, `so "and then`],
    ["abbreviations of Hebrew", `צה"ל, ז'בוטינסקי`, `צה"ל, ז'בוטינסקי`],
    [
      "a quotation that reads from the other side",
      `אהב את "Let It Be" (1970)`,
      `אהב את "Let It Be\u200F" (1970)`,
    ],
    ["nothing where nothing shows", " \u200B\u200D\uFE0F\n\u00AD ", ""],
  ])("%s", (_what, written, tidy) => {
    expect(tidyText(written)).toBe(tidy);
  });

  it("removes stacks of marks, except those that languages use", () => {
    const tower = `Z${"\u0337\u0321\u0353\u0322\u0325\u0317".repeat(20)}algo`;
    expect(tidyText(tower)).toBe("Zalgo");
    const hebrew = `\u05E9${"\u05C1\u05BC\u05B8\u0591".repeat(20)}`;
    expect(tidyText(hebrew).match(/\p{M}/gu)).toHaveLength(4);
    for (const text of ["ẹ̀́", "ǭ́", "ᾧ", "ở", "1️⃣", "שְׁ֫", "བརྒྱུད"]) {
      expect(tidyText(text)).toBe(text.normalize("NFC"));
    }
  });

  it("changes nothing in tidied text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), quoted), (text) => {
        const tidy = tidyText(text);
        expect(tidyText(tidy)).toBe(tidy);
      }),
    );
  });

  it("joins names to one line", () => {
    expect(tidyName(" Aunt\n\nBeatriz\t Ruiz ")).toBe("Aunt Beatriz Ruiz");
  });
});

it("splits endless chains of joined pictures, but no existing emoji", () => {
  const family = "👨🏽\u200d👩🏽\u200d👧🏽\u200d👦🏽";
  expect(tidyText(family)).toBe(family);
  expect(tidyText("👩\u200d".repeat(5000) + "👩")).toBe("👩".repeat(5001));
});
