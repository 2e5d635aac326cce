import {
  catalogue,
  ebGaramond,
  japanese,
  korean,
  simplifiedChinese,
  traditionalChinese,
  type FontFamily,
} from "./font-catalogue.js";

const leading = catalogue.flatMap((family) =>
  family.leads && family.letters !== null
    ? [{ family, letters: new RegExp(family.letters.source, "gu") }]
    : [],
);
const beforeEastAsian = catalogue.slice(0, catalogue.indexOf(simplifiedChinese));

/**
 * The families in the order in which a text asks them for its characters. That of its main script leads, so that its
 * spaces and marks are its own; Han is set as the neighbouring script or the choice of characters says.
 */
export function orderFamilies(text: string): FontFamily[] {
  let main: FontFamily | null = null;
  let mostLetters = 0;
  for (const { family, letters } of leading) {
    const letterCount = text.match(letters)?.length ?? 0;
    if (letterCount > mostLetters) [main, mostLetters] = [family, letterCount];
  }
  const first = main === null ? [] : [main];
  return [...new Set([...first, ebGaramond, ...beforeEastAsian, ...orderEastAsian(text), ...catalogue])];
}

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
