/**
 * Controls of terminals, line ends, what directs the order of writing, what hides, and halves of surrogate pairs; but
 * not the joiners that words and emoji need.
 */
const acting =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u{61C}\u{200B}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2060}-\u{206F}\u{FEFF}\u{FFF9}-\u{FFFB}\u{E0000}-\u{E007F}]/gu;

/**
 * A text as one line that does nothing to a terminal but show: what would act is written as in JSON (`\u001b`), so that
 * JSON stays the same JSON. Reasons, names and payloads come from strangers, and must not colour, move or fake a line.
 */
export function printable(text: string): string {
  return text.replaceAll(acting, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => String.raw`\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}
