import { readFileSync } from "node:fs";

import { GlobalFonts } from "@napi-rs/canvas";

import { visible } from "../../capsule/clean-value.js";
import { makeBlankFont } from "./blank-font.js";
import {
  catalogue,
  ebGaramond,
  emoji,
  latinLineHeightEm,
  type FontFamily,
  type FontStyle,
} from "./font-catalogue.js";
import { isTrueType, readFontCharacters } from "./font-characters.js";
import { listFontFiles, mayContain, type FontFile } from "./font-files.js";
import { removeCharacters } from "./remove-characters.js";
import { mainFamily, orderFamilies, setsMarksFullWidth } from "./font-order.js";
import { splitGraphemes } from "./graphemes.js";
import { protectJoinedEmoji, runFiller } from "./joined-emoji.js";

/**
 * Finds the fonts that a text needs and registers only those with Skia, when they are first needed. Every character a
 * reader sees is set from one file, including its marks: without such a file, Skia would use a font installed on the
 * machine.
 */
export interface FontBook {
  /** Returns the CSS font for `context.font` that sets all of this text, which must be `drawable`. */
  fontFor(text: string, sizePx: number, style?: FontStyle): string;
  /**
   * Returns the text as it is passed to Skia: without signs that no bundled font has, without marks that its letter's
   * font lacks, and with the characters that protect joined emoji. Where missing signs are half of a text or more,
   * they are its letters and not ornaments. Each then becomes a replacement character (U+FFFD), so that nobody's
   * words disappear unnoticed.
   */
  drawable(text: string): string;
  /** Returns the line height that the main script of a text needs, in em. */
  lineHeightEm(text: string): number;
}

const blankFont = "keepsake-blank";
/** Characters that only shape others, or have no effect, and are never visible by themselves. */
const ignorable = /[\p{Default_Ignorable_Code_Point}\n]/u;
const mark = /\p{M}/u;
/** Characters shown as pictures: by themselves, in pairs, or because their neighbour requires it. */
const shownAsEmoji =
  /\p{Emoji_Presentation}|\p{Regional_Indicator}|\p{Emoji}[\u{FE0F}\u{20E3}\p{Emoji_Modifier}]|\p{Extended_Pictographic}\u{200D}/u;
/** Whether a character is a hand, a flag or the like: EB Garamond has it as an ornament, but people use it as emoji. */
const isPicture = (character: number): boolean =>
  character > 0x2500 &&
  /[\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(String.fromCodePoint(character));
/** Marks that western and East Asian text share but draw differently. */
const fullWidthMarks = /[“”‘’…\u{2015}]/gu;
/** The dash that East Asian fonts have in a file without Latin letters. */
const fullWidthDash = "\u{2015}";
const latinLetter = 0x61;
const replacement = "\u{FFFD}";

/** @param weight weight of the variable and western fonts: one of `fontWeights` */
export function createFontBook(weight: number): FontBook {
  const filesByStyle = {
    normal: new Map<FontFamily, FontFile[]>(),
    italic: new Map<FontFamily, FontFile[]>(),
  };
  const drawables = new Map<string, string>();
  const charactersOfFile = new Map<string, ReadonlyMap<number, number>>();
  let isBlankRegistered = false;

  function filesOf(family: FontFamily, style: FontStyle): FontFile[] {
    let files = filesByStyle[style].get(family);
    if (files === undefined) {
      files = listFontFiles(family, weight, style);
      filesByStyle[style].set(family, files);
    }
    return files;
  }

  function has(file: FontFile, character: number): boolean {
    if (!mayContain(file, character)) return false;
    let characters = charactersOfFile.get(file.alias);
    if (characters === undefined) {
      characters = register(file);
      charactersOfFile.set(file.alias, characters);
    }
    return characters.has(character);
  }

  function register({ path, alias }: FontFile): ReadonlyMap<number, number> {
    const font = readFileSync(path);
    const characters = readFontCharacters(font);
    if (!isTrueType(font)) {
      GlobalFonts.registerFromPath(path, alias);
      return characters;
    }
    GlobalFonts.register(removeCharacters(font, characters, isPicture), alias);
    return new Map([...characters].filter(([character]) => !isPicture(character)));
  }

  function findFile(
    codes: readonly number[],
    families: readonly FontFamily[],
    style: FontStyle,
  ): FontFile | null {
    for (const family of families) {
      for (const file of filesOf(family, style)) {
        if (codes.every((code) => has(file, code))) return file;
      }
    }
    return null;
  }

  function findFileOf(cluster: string, families: readonly FontFamily[], style: FontStyle): FontFile | null {
    const preferred = shownAsEmoji.test(cluster) ? [emoji, ...families] : families;
    return findFile(visibleCodes(cluster), preferred, style);
  }

  /** Makes one grapheme drawable. */
  function drawableCluster(cluster: string): string {
    if (findFileOf(cluster, catalogue, "normal") !== null) return cluster;
    let drawable = "";
    let base: FontFile | null = null;
    for (const character of cluster) {
      const codes = visibleCodes(character);
      if (codes.length === 0) drawable += character;
      else if (mark.test(character) && drawable !== "") {
        if (base !== null && has(base, codes[0] as number)) drawable += character;
      } else {
        base = findFileOf(character, catalogue, "normal");
        drawable += base === null ? (mark.test(character) ? "" : replacement) : character;
      }
    }
    return drawable;
  }

  /** Lists the files for full-width quotation marks and ellipses of East Asian text; they come before western fonts. */
  function fullWidthFiles(text: string): FontFile[] {
    const marks = new Set(text.match(fullWidthMarks));
    const families = orderFamilies(text).filter((family) => setsMarksFullWidth(family));
    const files = families.flatMap((family) => filesOf(family, "normal"));
    return [...marks].flatMap((quote) => {
      const code = quote.codePointAt(0) as number;
      const file = files.find((each) => has(each, code) && !has(each, latinLetter));
      return file === undefined ? [] : [file];
    });
  }

  /** Returns the font for a text without any visible character. */
  function plainAlias(): string {
    return findFile([0x20], [ebGaramond], "normal")?.alias ?? "serif";
  }

  function blankAlias(): string {
    if (!isBlankRegistered) GlobalFonts.register(makeBlankFont(runFiller), blankFont);
    isBlankRegistered = true;
    return blankFont;
  }

  return {
    fontFor(text, sizePx, style = "normal") {
      const filler = String.fromCodePoint(runFiller);
      const families = orderFamilies(text);
      const needed = new Set<FontFile>();
      const fullWidth = setsMarksFullWidth(mainFamily(text)) ? fullWidthFiles(text) : [];
      for (const cluster of new Set(splitGraphemes(text.replaceAll(filler, "")))) {
        const file = findFileOf(cluster, families, style);
        if (file !== null && visibleCodes(cluster).length > 0) needed.add(file);
      }
      const ordered = families.flatMap((family) => filesOf(family, style)).filter((file) => needed.has(file));
      const aliases = [...new Set([...fullWidth, ...ordered].map((file) => file.alias))];
      if (aliases.length === 0) aliases.push(plainAlias());
      if (text.includes(filler)) aliases.push(blankAlias());
      return `${style === "italic" ? "italic " : ""}${weight} ${sizePx}px ${aliases.join(", ")}`;
    },

    drawable(text) {
      const shown = splitGraphemes(text).map((cluster) => {
        const known = drawables.get(cluster) ?? drawableCluster(cluster);
        drawables.set(cluster, known);
        return known;
      });
      let drawable = shown.join("");
      const missingCount = shown.filter((cluster) => cluster === replacement).length;
      if (missingCount > 0 && 2 * missingCount < shown.filter((cluster) => visible.test(cluster)).length) {
        drawable = removeMissing(shown);
      }
      if (setsMarksFullWidth(mainFamily(text))) drawable = drawable.replaceAll("—", fullWidthDash);
      return protectJoinedEmoji(drawable);
    },

    lineHeightEm(text) {
      return mainFamily(text)?.lineHeightEm ?? latinLineHeightEm;
    },
  };
}

/** Removes characters that cannot be drawn, and the spaces around them. */
function removeMissing(shown: readonly string[]): string {
  return shown
    .filter((cluster) => cluster !== replacement)
    .join("")
    .replaceAll(/ {2,}/g, " ")
    .replaceAll(/^ | $/gm, "");
}

function visibleCodes(cluster: string): number[] {
  const codes: number[] = [];
  for (const character of cluster) {
    if (!ignorable.test(character)) codes.push(character.codePointAt(0) as number);
  }
  return codes;
}
