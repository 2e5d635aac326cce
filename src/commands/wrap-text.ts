const widest = 100;

/**
 * A text in lines of at most 100 characters, between words; a longer word, such as an address, has its own line.
 * @param first what the first line begins with; the others are indented as far
 * @param columns of the terminal, where it has fewer
 */
export function wrapText(first: string, text: string, columns: number | null = null): string[] {
  const lineWidth = Math.min(widest, columns ?? widest);
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
