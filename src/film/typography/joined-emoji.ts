/**
 * Skia shapes a line in runs, and begins one at every wide character but the first of a run. An emoji that begins
 * narrow (a heart, a white flag) and is joined to a wide one (a fire, a rainbow) is thus torn into its two parts
 * before its font is asked for the whole. With a wide character in front that shows nothing and has no width, the
 * whole is one run. It takes the place of the filler of the Khitan script, which no font of ours has, and the space
 * of no width before it keeps it from joining the letter it follows.
 */
export const runFiller = 0x16fe4;

const opener = `\u{200B}${String.fromCodePoint(runFiller)}`;
const tornEmoji =
  /(?<!\u{200D})(?!\p{Emoji_Presentation})\p{Extended_Pictographic}\u{FE0F}?\u{200D}(?=\p{Emoji_Presentation})/gu;

/** Keycaps as old phones write them, without the selector that asks for a picture. */
const bareKeycap = /[\d#*](?=\u{20E3})/gu;

/** The text with a filler before every emoji that Skia would tear. */
export function keepEmojiWhole(text: string): string {
  return text.replaceAll(bareKeycap, "$&\u{FE0F}").replaceAll(tornEmoji, (start) => opener + start);
}
