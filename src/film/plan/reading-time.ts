/** Scripts without spaces in which a character is a syllable or more. */
const ideographs = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;
/** Letters of scripts without spaces. Vowels and tones above and below them are not counted. */
const unspacedLetters =
  /(?!\p{M})[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tai_Le}\p{Script=New_Tai_Lue}\p{Script=Javanese}\p{Script=Balinese}]/gu;
const unspacedMarks =
  /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Javanese}\p{Script=Balinese}]/gu;
const ideographsInWord = 2;
const lettersInWord = 3;

/**
 * Counts the words of a text for its reading time: runs between spaces, and in scripts without spaces two ideographs
 * or three letters as one word. Silent reading: about 238 English words and 260 Chinese characters (some 160 words)
 * per minute; Brysbaert 2019; Trauzettel-Klosinski & Dietz 2012. Both counts err on the slow side.
 */
function countWords(text: string): number {
  const ideographCount = text.match(ideographs)?.length ?? 0;
  const letterCount = text.match(unspacedLetters)?.length ?? 0;
  const spaced = text.replaceAll(ideographs, " ").replaceAll(unspacedMarks, " ");
  const words = spaced.match(/[\p{L}\p{N}][^\s]*/gu)?.length ?? 0;
  return words + ideographCount / ideographsInWord + letterCount / lettersInWord;
}

/** Seconds that a text stays completely visible, at least `minSeconds`. */
export function readingSeconds(text: string, wordsPerSecond: number, minSeconds: number): number {
  return Math.max(minSeconds, countWords(text) / wordsPerSecond);
}
