import { segmentText } from "./segment-text.js";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Latin, Greek, Cyrillic, common marks, kana, ideographs and Hangul, where each code unit is a character by itself. */
const plain =
  /^[\u{20}-\u{2FF}\u{370}-\u{482}\u{48A}-\u{52F}\u{2010}-\u{2027}\u{3000}-\u{3029}\u{3041}-\u{3096}\u{30A1}-\u{30FF}\u{3400}-\u{9FFF}\u{AC00}-\u{D7A3}\u{FF01}-\u{FF60}]*$/u;
/** After a space, but for what would be set on that space (UAX 29, GB9 and GB9a). */
const afterSpace =
  /(?<= )(?![\p{M}\p{Grapheme_Extend}\p{Emoji_Modifier}\u{200D}\u{E33}\u{EB3}\u{FF9E}\u{FF9F}\u{E0020}-\u{E007F}])/u;

/** The characters of a text as a reader counts them. The segmenter is slow, so plain texts go without it. */
export function splitGraphemes(text: string): string[] {
  if (plain.test(text)) return text.split("");
  return splitAfterSpaces(text).flatMap((run) =>
    plain.test(run) ? run.split("") : segmentText(segmenter, run).map(({ segment }) => segment),
  );
}

/**
 * Runs that end with their spaces. No character and no word reaches from one into the next; in a long text a segmenter
 * takes ten times as long for the whole as for its runs.
 */
export function splitAfterSpaces(text: string): string[] {
  return text.split(afterSpace);
}
