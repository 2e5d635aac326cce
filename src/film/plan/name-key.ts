import { tidyName } from "../typography/tidy-text.js";

/**
 * What names of one person have in common, however a phone spelt them: composed or decomposed, in capitals or not,
 * with a straight or a curled apostrophe, in full-width letters or those of mathematics, with or without marks that do
 * not show. Names that a reader would tell apart have different keys.
 *
 * Case is Unicode's, letter by letter, and not that of one language: `ß` is not `ss`, since Weiß and Weiss are two
 * families; `I`, `İ`, `ı` and `i` are one letter, since without knowing the language nobody can say which small letter
 * a capital of a Turkish name stands for.
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
  // Where a capital is several letters (ß, ŉ), the letter stays what it is.
  return (Array.from(capital).length === 1 ? capital : letter).toLowerCase();
}
