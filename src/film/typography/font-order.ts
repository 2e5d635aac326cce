import {
  catalogue,
  ebGaramond,
  japanese,
  korean,
  naskh,
  nastaliq,
  simplifiedChinese,
  traditionalChinese,
  type FontFamily,
} from "./font-catalogue.js";

const lettered = catalogue.flatMap((family) =>
  family.letters === null ? [] : [{ family, letters: new RegExp(family.letters.source, "gu") }],
);
/** Weight of an ideograph or a syllable block, which carries as much meaning as this many letters. */
const ideographWeight = 3;
const beforeEastAsian = catalogue.slice(0, catalogue.indexOf(simplifiedChinese));

/** Returns the family of the script that most letters of a text are in; null for a text without letters. */
export function mainFamily(text: string): FontFamily | null {
  let main: FontFamily | null = null;
  let maxLetters = 0;
  for (const { family, letters } of lettered) {
    const letterCount = (text.match(letters)?.length ?? 0) * (family.isEastAsian ? ideographWeight : 1);
    if (letterCount > maxLetters) [main, maxLetters] = [family, letterCount];
  }
  return main === naskh && urduOnly.test(text) ? nastaliq : main;
}

/**
 * Returns the families in the order in which they are searched for a text's characters. That of its main script comes
 * first and also sets its spaces and marks. Han characters are set in the Japanese or Korean font if the text has kana
 * or Hangul, else in that of simplified or traditional Chinese, by the characters that only one of the two has.
 */
export function orderFamilies(text: string): FontFamily[] {
  const main = mainFamily(text);
  const first = main?.leads === true ? [main] : [];
  return [...new Set([...first, ebGaramond, ...beforeEastAsian, ...orderEastAsian(text), ...catalogue])];
}

/**
 * Whether a family's script shares curly quotation marks, dashes and ellipses with western text but sets them
 * full-width.
 */
export function setsMarksFullWidth(family: FontFamily | null): boolean {
  return family?.isEastAsian === true && family !== korean;
}

/**
 * Letters of Urdu and its neighbours, for which readers expect Nastaliq. Arabic and Persian have none of them.
 */
const urduOnly = /[ٹڈڑںےۓہۂۃ]/u;
/** Common characters that only one of the two ways of writing Chinese has. */
const traditionalOnly = /[們這個說來時會國學對媽愛親還過給讓謝記樣後開見]/gu;
const simplifiedOnly = /[们这个说来时会国学对妈爱亲还过给让谢记样后开见]/gu;

function orderEastAsian(text: string): FontFamily[] {
  const chinese =
    (text.match(traditionalOnly)?.length ?? 0) > (text.match(simplifiedOnly)?.length ?? 0)
      ? [traditionalChinese, simplifiedChinese]
      : [simplifiedChinese, traditionalChinese];
  if (japanese.letters?.test(text) === true) return [japanese, ...chinese, korean];
  if (korean.letters?.test(text) === true) return [korean, ...chinese, japanese];
  return [...chinese, japanese, korean];
}
