import { createCanvas } from "@napi-rs/canvas";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import { fontWeights } from "../../../../dist/film/typography/font-catalogue.js";
import { createFontBook } from "../../../../dist/film/typography/font-book.js";
import { splitGraphemes } from "../../../../dist/film/typography/graphemes.js";
import { tidyText } from "../../../../dist/film/typography/tidy-text.js";
import { unbundledRuns } from "./font-runs.js";

const fonts = createFontBook(500);
const canvas = createCanvas(300, 160);
const context = canvas.getContext("2d");

/** Returns the pixels of a text in a font. */
function draw(text: string, font: string): Buffer {
  context.reset();
  context.lang = "en";
  context.font = font;
  context.fillText(text, 40, 110);
  return canvas.data();
}

const isBlank = (pixels: Buffer): boolean => pixels.every((byte) => byte === 0);

const samples = [
  ["Latin", "Every ſ ŵ ệ ß Ø"],
  ["Greek", "Ελληνικά ᾧ"],
  ["Cyrillic", "Бабушка їжак ҳ"],
  ["Arabic", "كانت پدر ے"],
  ["Hebrew", "שָׁלוֹם"],
  ["Devanagari", "क्षत्रिय"],
  ["Bengali", "ঠাকুমা"],
  ["Gurmukhi", "ਦਾਦੀ"],
  ["Gujarati", "દાદી"],
  ["Oriya", "ଜେଜେମା"],
  ["Tamil", "பாட்டி"],
  ["Telugu", "అమ్మమ్మ"],
  ["Kannada", "ಅಜ್ಜಿ"],
  ["Malayalam", "മുത്തശ്ശി"],
  ["Sinhala", "ආච්චි"],
  ["Thai", "ยายที่รัก"],
  ["Lao", "ແມ່ຕູ້"],
  ["Khmer", "ជីដូន"],
  ["Myanmar", "အဖွား"],
  ["Tibetan", "རྨོ་མོ"],
  ["Ethiopic", "አያት"],
  ["Georgian", "ბებია"],
  ["Armenian", "տատիկ"],
  ["Thaana", "މާމަ"],
  ["Syriac", "ܣܒܬܐ"],
  ["N'Ko", "ߓߊߡߊ"],
  ["Adlam", "𞤥𞤢𞤥𞤢"],
  ["Tifinagh", "ⵊⵉⴷⴷⴰ"],
  ["Vai", "ꕙꔤ"],
  ["Cherokee", "ᎤᎵᏏ"],
  ["Inuktitut", "ᐊᓈᓇᑦᓯᐊᖅ"],
  ["Osage", "𐓣𐓟"],
  ["Mongolian", "ᠡᠮᠡᠭᠡ"],
  ["Ol Chiki", "ᱵᱩᱰᱷᱤ"],
  ["Meetei Mayek", "ꯑꯕꯣꯛ"],
  ["Rohingya", "𐴀𐴝𐴔"],
  ["Lisu", "ꓮꓬꓯ"],
  ["New Tai Lue", "ᦍᦱ"],
  ["Tai Le", "ᥕᥣ"],
  ["Javanese", "ꦱꦶꦩ꧀ꦧꦃ"],
  ["Balinese", "ᬤᬤᭀᬂ"],
  ["Sundanese", "ᮔᮤᮔᮤ"],
  ["IPA", "ˈɡrænˌmʌðə r̥ʊ̯"],
  ["African letters", "ɓaɗi ẹ̀ṣọ́ ŋ̀ ɛ̃́"],
  ["Tâi-lô", "a-má tsi̍t ô͘"],
  ["Simplified Chinese", "奶奶的花园"],
  ["Traditional Chinese", "奶奶說過的話"],
  ["Japanese", "祖母の庭"],
  ["Korean", "할머니의 정원"],
  ["emoji", "❤️🌹🕊️👨‍👩‍👧🇺🇦"],
  ["symbols", "♫ ✓ ☮ →"],
] as const;

describe("createFontBook", () => {
  test.each(fontWeights)("has western letters of weight %i", (weight) => {
    expect(isBlank(draw("Öåž", createFontBook(weight).fontFor("Öåž", 80)))).toBe(false);
    expect(isBlank(draw("Öåž", createFontBook(weight).fontFor("Öåž", 80, "italic")))).toBe(false);
  });

  test.each(samples)("has a glyph of its own for each character of %s", (_script, text) => {
    expect(fonts.drawable(text)).toBe(text);
    for (const character of new Set(text.normalize("NFC").match(/\p{L}/gu))) {
      const font = fonts.fontFor(character, 80);
      const pixels = draw(character, font);
      expect(isBlank(pixels)).toBe(false);
      // This is how a bundled font shows a character that it lacks.
      expect(pixels.equals(draw("\u{E123}", font))).toBe(false);
    }
  });

  it("names only fonts from packages", () => {
    for (const [, text] of samples) {
      const families = fonts
        .fontFor(text, 60)
        .replace(/^.*?px /, "")
        .split(", ");
      for (const family of families) {
        expect(family).toMatch(/^(EBGaramond_500Medium|NotoSerif_500Medium|noto-[\w-]+-(normal|italic))$/);
      }
    }
  });

  test.each(samples)("leaves nothing of %s to a font of the machine", (_script, text) => {
    expect(unbundledRuns(fonts, text)).toEqual([]);
  });

  it("sets no text with a font of the machine", () => {
    const mixed = fc
      .array(
        fc.constantFrom(
          ...samples.flatMap(([, text]) => splitGraphemes(text)),
          "\u{301}",
          "\u{323}",
          "\u{64B}",
          "\u{94D}",
          "\u{E4A}",
          " ",
          "“",
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(mixed, fc.string({ unit: "binary", maxLength: 8 })), (text) => {
        expect(unbundledRuns(fonts, tidyText(text))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("removes ornaments that no font has, and the spaces around them", () => {
    expect(fonts.drawable("a\u{11103}b")).toBe("ab");
    expect(fonts.drawable("\u{11103} Lu and Ann \u{11104}\u{11105}\n\u{11103} b")).toBe("Lu and Ann\nb");
    // No font has these marks together with their letter.
    expect(fonts.drawable("a\u{11103}b\u{5B0}")).toBe("ab");
  });

  it("replaces letters that no font has where the text consists of them", () => {
    expect(fonts.drawable("\u{11103}\u{11104} \u{11105}")).toBe("\u{FFFD}\u{FFFD} \u{FFFD}");
    expect(fonts.drawable("a \u{11103}")).toBe("a \u{FFFD}");
  });

  it.each(["𓆩♡𓆪 Lu", "𝄞 𓂀 ᚨᚾᚾᚨ", "𒀭 Ina 𒈞", "𖤐 Max 𖤐", "𐂂 𐙚 ꨄ ⲁ ᚛ 𐌰 𐤀 ᤏ 𐰀 ꪀ"])(
    "has the signs that people put around names: %s",
    (text) => {
      expect(fonts.drawable(text)).toBe(text);
      expect(unbundledRuns(fonts, text)).toEqual([]);
    },
  );

  it("uses the font of the main script first and EB Garamond for the rest", () => {
    const font = fonts.fontFor("كانت البيت (House 12)", 60);
    expect(font).toMatch(/^500 60px noto-naskh-arabic-[\w-]+, EBGaramond_500Medium$/);
    expect(fonts.fontFor("Every Sunday", 66)).toBe("500 66px EBGaramond_500Medium");
    expect(fonts.fontFor("Every", 40, "italic")).toBe("italic 500 40px EBGaramond_500Medium_Italic");
  });

  it("sets Han in the style of the language around it", () => {
    expect(fonts.fontFor("祖母の庭", 60)).toContain("noto-serif-jp");
    expect(fonts.fontFor("奶奶說過的話", 60)).toContain("noto-serif-tc");
    expect(fonts.fontFor("奶奶说过的话", 60)).toContain("noto-serif-sc");
    expect(fonts.fontFor("漢字 할머니", 60)).toContain("noto-serif-kr");
  });

  it("joins Arabic letters and forms conjuncts", () => {
    const width = (text: string): number => {
      context.font = fonts.fontFor(text, 80);
      return context.measureText(text).width;
    };
    const apart = (text: string): number => Array.from(text).reduce((sum, letter) => sum + width(letter), 0);
    expect(width("سلام")).toBeLessThan(apart("سلام") * 0.9);
    expect(width("क्ष")).toBeLessThan(apart("क्ष") * 0.9);
    const font = fonts.fontFor("سلام", 80);
    expect(draw("سلام", font).equals(draw("س\u200Cل\u200Cا\u200Cم", font))).toBe(false);
  });
});
