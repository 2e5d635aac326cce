import { splitGraphemes } from "../typography/graphemes.js";

/** Latin characters on one line of a caption; 37 to 42 is what broadcasters use. */
export const lineWidth = 42;
/** Full-width characters on one line. */
const wideOnLine = 18;

const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u{3000}-\u{303F}\u{FF01}-\u{FF60}\p{Extended_Pictographic}]/u;
const invisible = /^[\p{M}\p{Cf}]+$/u;

/**
 * How much of a caption's line a text takes, in Latin characters; it is also what reading it takes, since a
 * full-width character holds about as much as two letters.
 */
export function cueWidth(text: string): number {
  let wideCount = 0;
  let narrowCount = 0;
  for (const character of splitGraphemes(text)) {
    if (wide.test(character)) wideCount += 1;
    else if (!invisible.test(character)) narrowCount += 1;
  }
  return (wideCount * lineWidth) / wideOnLine + narrowCount;
}
