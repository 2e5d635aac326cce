/**
 * A wide character that is invisible and has no width. Skia shapes a line in runs, and begins a new run at every wide
 * character except the first of a run. An emoji that begins narrow (a heart, a white flag) and is joined to a wide
 * one (a fire, a rainbow) is therefore split into its two parts before its font can join them. With this
 * character in front of it, the whole emoji is one run. The code point is that of the filler of the Khitan script,
 * which no bundled font has. The zero-width space before it prevents it from joining the letter before.
 */
export const runFiller = 0x16fe4;

const opener = `\u{200B}${String.fromCodePoint(runFiller)}`;
const splitEmoji =
  /(?<!\u{200D})(?!\p{Emoji_Presentation})\p{Extended_Pictographic}\u{FE0F}?\u{200D}(?=\p{Emoji_Presentation})/gu;

/** Keycaps as old phones send them, without the variation selector for a picture. */
const bareKeycap = /[\d#*](?=\u{20E3})/gu;

/** Puts a filler before every emoji that Skia would split. */
export function protectJoinedEmoji(text: string): string {
  return text.replaceAll(bareKeycap, "$&\u{FE0F}").replaceAll(splitEmoji, (start) => opener + start);
}
