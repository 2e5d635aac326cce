/**
 * Matches control characters, line ends, characters that change the direction of text or are invisible, and lone
 * surrogates, but not the joiners that words and emoji need.
 */
const unprintable =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u{61C}\u{200B}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2060}-\u{206F}\u{FEFF}\u{FFF9}-\u{FFFB}\u{E0000}-\u{E007F}]/gu;

/**
 * Returns a text as one line that is safe in a terminal: characters that are not printable are escaped as in JSON
 * (`\u001b`), so JSON keeps its meaning. Reasons, names and payloads are untrusted text, which must not colour, move or
 * imitate a line.
 */
export function printable(text: string): string {
  return text.replaceAll(unprintable, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => String.raw`\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}
