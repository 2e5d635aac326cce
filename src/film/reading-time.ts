/** Scripts written without spaces are read by the character; the rest by the word. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;

/**
 * Words of a text for reading time: runs between spaces, and two characters of an unspaced script count as one
 * word (silent reading: about 238 English words and 260 Chinese characters, that is some 160 words, a minute;
 * Brysbaert 2019; Trauzettel-Klosinski & Dietz 2012. Two keeps well on the slow side).
 */
function countWords(text: string): number {
  const unspacedCharacters = text.match(unspaced)?.length ?? 0;
  const words = text.replaceAll(unspaced, " ").match(/[\p{L}\p{N}][^\s]*/gu)?.length ?? 0;
  return words + unspacedCharacters / 2;
}

/** Seconds a text stays fully visible: at least `leastSeconds`. */
export function readingSeconds(text: string, wordsPerSecond: number, leastSeconds: number): number {
  return Math.max(leastSeconds, countWords(text) / wordsPerSecond);
}
