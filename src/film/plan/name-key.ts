import { tidyName } from "../typography/tidy-text.js";

/**
 * Returns a key that all spellings of one name share: composed or decomposed, in capitals or not, with a straight or a
 * curled apostrophe, in full-width or mathematical letters, with or without invisible marks. Names that a reader would
 * distinguish have different keys.
 *
 * Case is folded letter by letter as Unicode defines it, and not as one language does. `ß` is not `ss`, since Weiß
 * and Weiss are two families. `I`, `İ`, `ı` and `i` are one letter: which small letter belongs to a capital depends
 * on the language of the name, which is unknown.
 */
export function nameKey(name: string): string {
  const plain = tidyName(name)
    .normalize("NFKC")
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "")
    .replaceAll(/['‘’ʼ`´]/gu, "'")
    .replaceAll(/["“”„]/gu, '"')
    .replaceAll(/\s+/gu, " ")
    .trim();
  return Array.from(plain, foldLetter).join("").normalize("NFC").replaceAll("i\u{307}", "i");
}

function foldLetter(letter: string): string {
  const capital = letter.toUpperCase();
  // A letter whose capital is several letters (ß, ŉ) stays as it is.
  return (Array.from(capital).length === 1 ? capital : letter).toLowerCase();
}
