const maxWidth = 100;

/**
 * Wraps a text between words at 100 characters; a longer word, such as a URL, has a separate line.
 * @param first begins the first line; the others are indented by as much
 * @param columns width of the terminal, where it is smaller
 */
export function wrapText(first: string, text: string, columns: number | null = null): string[] {
  const lineWidth = Math.min(maxWidth, columns ?? maxWidth);
  const indent = " ".repeat(first.length);
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(/\s+/).filter((one) => one !== "")) {
    const isEmpty = line === first || line === indent;
    if (!isEmpty && line.length + 1 + word.length > lineWidth) {
      lines.push(line);
      line = indent + word;
    } else line += isEmpty ? word : ` ${word}`;
  }
  return [...lines, line];
}
