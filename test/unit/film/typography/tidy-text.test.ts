import { describe, expect, it, test } from "vitest";
import fc from "fast-check";

import { tidyName, tidyText } from "../../../../dist/film/typography/tidy-text.js";

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
    ["apostrophes set as such", "St Mary's, 'so'", "St Mary’s, 'so'"],
    ["nothing where nothing shows", " \u200B\u200D\uFE0F\n\u00AD ", ""],
  ])("%s", (_what, written, tidy) => {
    expect(tidyText(written)).toBe(tidy);
  });

  it("leaves four marks on a letter and takes the rest of a tower away", () => {
    const tower = `Z${"\u0337\u0321\u0353\u0322\u0325\u0317".repeat(20)}algo`;
    const tidy = tidyText(tower);
    expect(tidy.match(/\p{M}/gu)).toHaveLength(4);
    expect(tidy.replaceAll(/\p{M}/gu, "")).toBe("Zalgo");
  });

  it("changes nothing that it has tidied", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        const tidy = tidyText(text);
        expect(tidyText(tidy)).toBe(tidy);
      }),
    );
  });

  it("puts names on one line", () => {
    expect(tidyName(" Aunt\n\nBeatriz\t Ruiz ")).toBe("Aunt Beatriz Ruiz");
  });
});
