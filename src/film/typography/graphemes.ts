import { segmentText } from "./segment-text.js";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * Latin, Greek, Cyrillic, common marks, kana, ideographs and Hangul, where each code unit is a separate character.
 */
const plain =
  /^[\u{20}-\u{2FF}\u{370}-\u{482}\u{48A}-\u{52F}\u{2010}-\u{2027}\u{3000}-\u{3029}\u{3041}-\u{3096}\u{30A1}-\u{30FF}\u{3400}-\u{9FFF}\u{AC00}-\u{D7A3}\u{FF01}-\u{FF60}]*$/u;
/** A place after a space, unless the next character would be set on that space (UAX 29, GB9 and GB9a). */
const afterSpace =
  /(?<= )(?![\p{M}\p{Grapheme_Extend}\p{Emoji_Modifier}\u{200D}\u{E33}\u{EB3}\u{FF9E}\u{FF9F}\u{E0020}-\u{E007F}])/u;

/** Splits a text into characters as a reader counts them. The segmenter is slow, so plain texts do without it. */
export function splitGraphemes(text: string): string[] {
  if (plain.test(text)) return text.split("");
  return splitAfterSpaces(text).flatMap((run) =>
    plain.test(run) ? run.split("") : segmentText(segmenter, run).map(({ segment }) => segment),
  );
}

/**
 * Splits a text into runs that end with their spaces. No character and no word reaches from one run into the next. A
 * segmenter takes ten times as long for a long text as for its runs.
 */
export function splitAfterSpaces(text: string): string[] {
  return text.split(afterSpace);
}
