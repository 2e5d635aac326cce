import { visible } from "../../capsule/clean-value.js";
import { setQuotationMarks } from "./quotation-marks.js";

/** Marks that a base may carry: Hebrew and Tibetan need three or four. */
const maxMarks = 4;
/** European letters carry three marks at most; with more, none of them is meant to be read. */
const stackedMarks = /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}])\p{M}{4,}/gu;

/** Chains of more joined pictures than any emoji has (UTS 51), which would become one very wide picture. */
const longChains = /(?:\p{Extended_Pictographic}[\p{M}\p{Emoji_Modifier}]*\u{200D}){8,}/gu;
const excessMarks = new RegExp(`(\\p{M}{${maxMarks}})\\p{M}+`, "gu");
/**
 * Embeddings, overrides and isolates, which can reverse a line unnoticed. Each line gets its direction from its
 * letters.
 */
const directionControls = /[\u{202A}-\u{202E}\u{2066}-\u{2069}]/gu;
const lineEnds = /\r\n?|[\u{85}\u{2028}\u{2029}\v\f]/gu;
const blanks = /[\t\u{1680}\u{2000}-\u{200A}\u{205F}\u{3000}]/gu;
/**
 * Controls, soft hyphens, interlinear marks, private and unassigned characters, halves of surrogate pairs. Emoji
 * newer than the runtime are unassigned to it, but are in the range reserved for pictures.
 */
const unprintable =
  /(?!\p{Extended_Pictographic})[\p{Co}\p{Cn}\p{Cs}\u{AD}\u{FFF9}-\u{FFFC}\u{FEFF}\u{2060}-\u{2064}\u{206A}-\u{206F}]|(?!\n)\p{Cc}/gu;
/** Mathematical letters that people use as lettering; they are set as the letters they stand for. */
const mathematicalLetters = /[\u{1D400}-\u{1D7FF}]/gu;
/** Tags outside of the flags that are spelt with them (Scotland and others); they have no meaning there. */
const strayTags = /(?<![\u{1F3F4}\u{E0020}-\u{E007F}])[\u{E0001}-\u{E007F}]+/gu;

/**
 * Cleans a person's words for typesetting. Nothing visible is removed except what no font could show. The result is
 * NFC, with one kind of line end, at most one blank line in a row, and no controls.
 *
 * @returns the empty string when nothing in it would be visible
 */
export function tidyText(text: string): string {
  const tidy = text
    .normalize("NFC")
    .replaceAll(lineEnds, "\n")
    .replaceAll(blanks, " ")
    .replaceAll(directionControls, "")
    .replaceAll(strayTags, "")
    .replaceAll(unprintable, "")
    .replaceAll(mathematicalLetters, (letter) => letter.normalize("NFKC"))
    .replaceAll(stackedMarks, "")
    .replaceAll(excessMarks, "$1")
    .replaceAll(longChains, (chain) => chain.replaceAll("\u{200D}", ""))
    .replaceAll(/ {2,}/g, " ")
    .replaceAll(/ ?\n ?/g, "\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim()
    .split("\n")
    .map(setQuotationMarks)
    .join("\n");
  return visible.test(tidy) ? tidy : "";
}

/** Cleans a text of one line, such as a name. */
export function tidyName(name: string): string {
  return tidyText(name).replaceAll(/\s+/gu, " ");
}
