import { baseDirection } from "./direction.js";

/** Scripts with curly quotation marks; scripts with other rules are not changed. */
const curling = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u;
const notCurling =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

const before = String.raw`(?<=^|[\s(\[{«„“‘—–/-])`;
const after = String.raw`(?=$|[\s)\]}»”'.,;:!?…—–/-])`;
const doubleQuoted = new RegExp(`${before}"(?=[^\\s"])([^"]*?[^\\s"])"${after}`, "gu");
const singleQuoted = new RegExp(`${before}'(?=[\\p{L}\\p{N}“])([^'\\n]*?[^\\s'])'${after}`, "gu");
/** Feet and inches, minutes and seconds. */
const inches = /(?<=\d)"(?![\p{L}\p{N}])/gu;
const feet = /(?<=\d)'(?=\d|\s|$)/gu;
/** A mark within a word, or at either end of it, which replaces a missing letter. */
const apostrophe = /(?<=[\p{L}\p{N}])'|'(?=[\p{L}\p{N}])/gu;
const abbreviatedAnd = /'(n)'/giu;

/** An apostrophe within a word of Latin or Cyrillic letters; Hebrew writes its abbreviations with the straight mark. */
const withinWord = /(?<=[\p{Script=Latin}\p{Script=Cyrillic}])'(?=[\p{Script=Latin}\p{Script=Cyrillic}])/gu;

/** Words of another direction in quotation marks, and the mark that closes them. */
const quotedInRightToLeft = /(["“”„«][^"“”„«»\n]*?)\u{200F}?(["”“»])/gu;
const leftToRightOnly =
  /^[^\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]*$/u;
const rightToLeftMark = "\u{200F}";

/**
 * Sets the quotation marks of one paragraph as a typesetter does: pairs of straight marks are curled, a straight
 * single mark in or beside a word becomes an apostrophe, and after a number both become feet and inches. In a
 * paragraph that is read from the right, a mark that closes words read from the left stays with the paragraph.
 */
export function setQuotationMarks(paragraph: string): string {
  if (baseDirection(paragraph) === "rtl") {
    return paragraph.replaceAll(quotedInRightToLeft, (all, opened: string, mark: string) =>
      leftToRightOnly.test(opened) && /\p{L}/u.test(opened) ? opened + rightToLeftMark + mark : all,
    );
  }
  const apart = paragraph.replaceAll(withinWord, "’");
  if (!/["']/.test(apart) || !curling.test(apart) || notCurling.test(apart)) return apart;
  return apart
    .replaceAll(doubleQuoted, "“$1”")
    .replaceAll(abbreviatedAnd, "’$1’")
    .replaceAll(singleQuoted, "‘$1’")
    .replaceAll(inches, "″")
    .replaceAll(feet, "′")
    .replaceAll(apostrophe, "’");
}
