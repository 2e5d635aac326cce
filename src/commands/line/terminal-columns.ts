/** The width of a narrower terminal is ignored, because no text can be laid out in it. */
const minColumns = 20;

/**
 * Returns the width of a terminal in columns.
 * @returns null where there is no terminal, or where its width is unknown: terminals of programs often report 0
 */
export function terminalColumns(stream: {
  readonly isTTY?: boolean;
  readonly columns?: number;
}): number | null {
  const { isTTY = false, columns = 0 } = stream;
  return isTTY && columns >= minColumns ? columns : null;
}
