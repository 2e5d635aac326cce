import { GlobalFonts } from "@napi-rs/canvas";

import {
  catalogue,
  ebGaramond,
  emoji,
  japanese,
  korean,
  latinLineHeightEm,
  simplifiedChinese,
  traditionalChinese,
  type FontFamily,
} from "./font-catalogue.js";
import { readFontCharacters } from "./font-characters.js";
import { listFontFiles, mayHold, type FontFile } from "./font-files.js";

type FontStyle = "normal" | "italic";

/**
 * Finds the fonts a text needs and registers just those with Skia, the first time they are needed. It never
 * names a font that lacks a character of the text, because Skia would then take one installed on the machine.
 */
export interface FontBook {
  /** The CSS font for `context.font` that sets all of this text, which must be `drawable`. */
  fontFor(text: string, sizePx: number, style?: FontStyle): string;
  /** The text with a replacement character (U+FFFD) for each letter or sign that no bundled font has, less marks. */
  drawable(text: string): string;
  /** Line height that the scripts of a text need, in em. */
  lineHeightEm(text: string): number;
}

/** @param weight of the variable fonts, 400 to 700 */
export function createFontBook(weight: number): FontBook {
  const filesOfStyle = {
    normal: new Map<FontFamily, FontFile[]>(),
    italic: new Map<FontFamily, FontFile[]>(),
  };
  const drawableCharacters = new Map<string, string>();
  const charactersOfFile = new Map<string, Set<number>>();

  function filesOf(family: FontFamily, style: FontStyle): FontFile[] {
    const existing = family.hasItalic ? style : "normal";
    let files = filesOfStyle[existing].get(family);
    if (files === undefined) {
      files = listFontFiles(family, existing);
      filesOfStyle[existing].set(family, files);
    }
    return files;
  }

  function has(file: FontFile, character: number): boolean {
    if (!mayHold(file, character)) return false;
    let characters = charactersOfFile.get(file.alias);
    if (characters === undefined) {
      characters = readFontCharacters(file.path);
      charactersOfFile.set(file.alias, characters);
      GlobalFonts.registerFromPath(file.path, file.alias);
    }
    return characters.has(character);
  }

  function findFile(character: number, families: readonly FontFamily[], style: FontStyle): FontFile | null {
    for (const family of families) {
      for (const file of filesOf(family, style)) {
        if (has(file, character)) return file;
      }
    }
    return null;
  }

  return {
    fontFor(text, sizePx, style = "normal") {
      const families = orderFamilies(text);
      const needed = new Set<FontFile>();
      const add = (file: FontFile | null): void => {
        if (file !== null) needed.add(file);
      };
      const { plain, emojis } = visibleCharacters(text);
      for (const character of plain) add(findFile(character, families, style));
      for (const character of emojis) add(findFile(character, [emoji, ...families], style));
      const ordered = families.flatMap((family) => filesOf(family, style)).filter((file) => needed.has(file));
      const names = ordered.map((file) => file.alias).join(", ");
      return `${style === "italic" ? "italic " : ""}${weight} ${sizePx}px ${names === "" ? fallbackAlias() : names}`;
    },

    drawable(text) {
      let drawable = "";
      for (const character of text) {
        let shown = drawableCharacters.get(character);
        if (shown === undefined) {
          const isKnown =
            ignorable.test(character) ||
            findFile(character.codePointAt(0) as number, catalogue, "normal") !== null;
          shown = isKnown ? character : mark.test(character) ? "" : "\u{FFFD}";
          drawableCharacters.set(character, shown);
        }
        drawable += shown;
      }
      return drawable;
    },

    lineHeightEm(text) {
      return catalogue.reduce(
        (most, family) => (family.letters?.test(text) === true ? Math.max(most, family.lineHeightEm) : most),
        latinLineHeightEm,
      );
    },
  };

  /** For a text without one visible character. */
  function fallbackAlias(): string {
    return findFile(0x20, [ebGaramond], "normal")?.alias ?? "serif";
  }
}

/** Characters that shape others or nothing, and never show by themselves. */
const ignorable = /[\p{Default_Ignorable_Code_Point}\n]/u;
const mark = /\p{M}/u;
/** What is shown as a picture: by itself, in pairs, or because the next character says so. */
const shownAsEmoji = /\p{Emoji_Presentation}|\p{Regional_Indicator}|\p{Emoji}(?=[\u{FE0F}\u{20E3}])/gu;

function visibleCharacters(text: string): { plain: Set<number>; emojis: Set<number> } {
  const codesOf = (characters: Iterable<string>): Set<number> => {
    const codes = new Set<number>();
    for (const character of new Set(characters)) {
      if (!ignorable.test(character)) codes.add(character.codePointAt(0) as number);
    }
    return codes;
  };
  return {
    plain: codesOf(text.replaceAll(shownAsEmoji, "")),
    emojis: codesOf(text.match(shownAsEmoji) ?? []),
  };
}

/**
 * The family of the text's main script leads, so that its spaces and marks are its own; Han is set as the
 * neighbouring script or the choice of characters says.
 */
function orderFamilies(text: string): FontFamily[] {
  let main: FontFamily | null = null;
  let mostLetters = 0;
  for (const family of catalogue) {
    if (!family.leads || family.letters === null) continue;
    const letterCount = text.match(new RegExp(family.letters, "gu"))?.length ?? 0;
    if (letterCount > mostLetters) [main, mostLetters] = [family, letterCount];
  }
  const eastAsian = orderEastAsian(text);
  const before = catalogue.slice(0, catalogue.indexOf(simplifiedChinese));
  return [...new Set([...(main === null ? [] : [main]), ebGaramond, ...before, ...eastAsian, ...catalogue])];
}

/** Common characters that only one of the two ways of writing Chinese has. */
const traditionalOnly = /[們這個說來時會國學對媽愛親還過給讓謝記樣後開見]/gu;
const simplifiedOnly = /[们这个说来时会国学对妈爱亲还过给让谢记样后开见]/gu;

function orderEastAsian(text: string): FontFamily[] {
  const chinese =
    (text.match(traditionalOnly)?.length ?? 0) > (text.match(simplifiedOnly)?.length ?? 0)
      ? [traditionalChinese, simplifiedChinese]
      : [simplifiedChinese, traditionalChinese];
  if (japanese.letters?.test(text) === true) return [japanese, ...chinese, korean];
  if (korean.letters?.test(text) === true) return [korean, ...chinese, japanese];
  return [...chinese, japanese, korean];
}
