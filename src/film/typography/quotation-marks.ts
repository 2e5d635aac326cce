import { baseDirection } from "./direction.js";

/** Where quotation marks turn: scripts that have their own rules are left alone. */
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
/** Within or at either end of a word: a letter is missing. */
const apostrophe = /(?<=[\p{L}\p{N}])'|'(?=[\p{L}\p{N}])/gu;
const rockAndRoll = /'(n)'/giu;

/** In letters that have no apostrophe key of their own; Hebrew writes its abbreviations with the straight mark. */
const withinWord = /(?<=[\p{Script=Latin}\p{Script=Cyrillic}])'(?=[\p{Script=Latin}\p{Script=Cyrillic}])/gu;

/** Words of another direction in quotation marks, and the mark that closes them. */
const quotedInRightToLeft = /(["“”„«][^"“”„«»\n]*?)\u{200F}?(["”“»])/gu;
const leftToRightOnly =
  /^[^\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]*$/u;
const rightToLeftMark = "\u{200F}";

/**
 * Quotation marks of one paragraph as a typesetter sets them: straight ones that come in pairs are curled, a straight
 * single one in or beside a word is its apostrophe, and after a number both are feet and inches. In a paragraph that
 * reads from the right, a mark that closes words that read from the left is kept with the paragraph.
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
    .replaceAll(rockAndRoll, "’$1’")
    .replaceAll(singleQuoted, "‘$1’")
    .replaceAll(inches, "″")
    .replaceAll(feet, "′")
    .replaceAll(apostrophe, "’");
}
