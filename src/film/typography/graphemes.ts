const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Latin, Greek, Cyrillic, common marks, kana, ideographs and Hangul, where each code unit is a character by itself. */
const plain =
  /^[\u{20}-\u{2FF}\u{370}-\u{482}\u{48A}-\u{52F}\u{2010}-\u{2027}\u{3000}-\u{3029}\u{3041}-\u{3096}\u{30A1}-\u{30FF}\u{3400}-\u{9FFF}\u{AC00}-\u{D7A3}\u{FF01}-\u{FF60}]*$/u;

/** The characters of a text as a reader counts them. The segmenter is slow, so plain texts go without it. */
export function splitGraphemes(text: string): string[] {
  if (plain.test(text)) return text.split("");
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
