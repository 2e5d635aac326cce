import { visible } from "../../capsule/clean-value.js";
import { setQuotationMarks } from "./quotation-marks.js";

/** Marks that a base may carry: Hebrew and Tibetan need three or four. */
const maxMarks = 4;
/** Letters of Europe carry three at most; with more, none of them is meant to be read. */
const prankMarks = /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}])\p{M}{4,}/gu;

/** No emoji joins so many (UTS 51); a longer chain would be one picture as wide as a street. */
const longChains = /(?:\p{Extended_Pictographic}[\p{M}\p{Emoji_Modifier}]*\u{200D}){8,}/gu;
const excessMarks = new RegExp(`(\\p{M}{${maxMarks}})\\p{M}+`, "gu");
/** Embeddings, overrides and isolates turn lines round behind the reader's back; each line finds its direction alone. */
const directionControls = /[\u{202A}-\u{202E}\u{2066}-\u{2069}]/gu;
const lineEnds = /\r\n?|[\u{85}\u{2028}\u{2029}\v\f]/gu;
const blanks = /[\t\u{1680}\u{2000}-\u{200A}\u{205F}\u{3000}]/gu;
/**
 * Controls, soft hyphens, interlinear marks, private and unassigned characters, halves of surrogate pairs. Emoji
 * that are newer than the runtime are unassigned to it, but fall where pictures are kept room.
 */
const unprintable =
  /(?!\p{Extended_Pictographic})[\p{Co}\p{Cn}\p{Cs}\u{AD}\u{FFF9}-\u{FFFC}\u{FEFF}\u{2060}-\u{2064}\u{206A}-\u{206F}]|(?!\n)\p{Cc}/gu;
/** Letters of mathematics that people use as lettering; they are set as the letters they stand for. */
const mathematicalLetters = /[\u{1D400}-\u{1D7FF}]/gu;
/** Tags spell the flags of Scotland and the like, and mean nothing anywhere else. */
const strayTags = /(?<![\u{1F3F4}\u{E0020}-\u{E007F}])[\u{E0001}-\u{E007F}]+/gu;

/**
 * A person's words as they can be set: nothing that shows is taken away but what no font could show. NFC; one
 * kind of line end; at most one blank line in a row; no controls.
 *
 * @returns the empty string when nothing in it would show
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
    .replaceAll(prankMarks, "")
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

/** The same for what stands on one line: a name. */
export function tidyName(name: string): string {
  return tidyText(name).replaceAll(/\s+/gu, " ");
}
