/** Latin characters that fit on one line of a caption; broadcasters use 37 to 42. */
export const lineWidth = 42;
/** Full-width characters that fit on one line. */
const wideOnLine = 18;

const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u{3000}-\u{303F}\u{FF01}-\u{FF60}\p{Extended_Pictographic}]/u;
/**
 * Matches visible characters: a joined emoji or a flag is one, and marks on letters are not counted. `Intl.Segmenter`
 * takes ten times as long.
 */
const visibleCharacters =
  /\p{Extended_Pictographic}(?:[\p{M}\p{Emoji_Modifier}]*\u200D\p{Extended_Pictographic})*\p{Emoji_Modifier}?|\p{Regional_Indicator}{2}|[^\p{M}\p{Cf}]/gu;

/**
 * Returns the width of a text on a caption's line, in Latin characters. It is also a measure of its reading time,
 * since a full-width character contains about as much as two letters.
 */
export function cueWidth(text: string): number {
  const characters = text.match(visibleCharacters) ?? [];
  const wideCount = characters.filter((character) => wide.test(character)).length;
  return (wideCount * lineWidth) / wideOnLine + characters.length - wideCount;
}
