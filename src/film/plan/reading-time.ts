/** Written without spaces, a character a syllable or more. */
const ideographs = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;
/** Written without spaces, with letters: their vowels and tones above and below are not counted. */
const unspacedLetters =
  /(?!\p{M})[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tai_Le}\p{Script=New_Tai_Lue}\p{Script=Javanese}\p{Script=Balinese}]/gu;
const unspacedMarks =
  /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Javanese}\p{Script=Balinese}]/gu;
const ideographsInWord = 2;
const lettersInWord = 3;

/**
 * Words of a text for reading time: runs between spaces, and of scripts without spaces two ideographs or three
 * letters count as one word (silent reading: about 238 English words and 260 Chinese characters, that is some 160
 * words, a minute; Brysbaert 2019; Trauzettel-Klosinski & Dietz 2012. Both keep well on the slow side).
 */
function countWords(text: string): number {
  const ideographCount = text.match(ideographs)?.length ?? 0;
  const letterCount = text.match(unspacedLetters)?.length ?? 0;
  const spaced = text.replaceAll(ideographs, " ").replaceAll(unspacedMarks, " ");
  const words = spaced.match(/[\p{L}\p{N}][^\s]*/gu)?.length ?? 0;
  return words + ideographCount / ideographsInWord + letterCount / lettersInWord;
}

/** Seconds a text stays fully visible: at least `minSeconds`. */
export function readingSeconds(text: string, wordsPerSecond: number, minSeconds: number): number {
  return Math.max(minSeconds, countWords(text) / wordsPerSecond);
}
