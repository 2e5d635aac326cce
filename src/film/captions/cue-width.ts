/** Latin characters on one line of a caption; 37 to 42 is what broadcasters use. */
export const lineWidth = 42;
/** Full-width characters on one line. */
const wideOnLine = 18;

const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u{3000}-\u{303F}\u{FF01}-\u{FF60}\p{Extended_Pictographic}]/u;
/** What takes room: joined pictures and flags as one, letters without their marks. A segmenter takes ten times as long. */
const seen =
  /\p{Extended_Pictographic}(?:[\p{M}\p{Emoji_Modifier}]*\u200D\p{Extended_Pictographic})*\p{Emoji_Modifier}?|\p{Regional_Indicator}{2}|[^\p{M}\p{Cf}]/gu;

/**
 * How much of a caption's line a text takes, in Latin characters; it is also what reading it takes, since a
 * full-width character holds about as much as two letters.
 */
export function cueWidth(text: string): number {
  const characters = text.match(seen) ?? [];
  const wideCount = characters.filter((character) => wide.test(character)).length;
  return (wideCount * lineWidth) / wideOnLine + characters.length - wideCount;
}
