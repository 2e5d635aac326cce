/** Nothing can be laid out in a narrower terminal. */
const minColumns = 20;

/**
 * Returns the width of a terminal in columns.
 * @returns null where there is no terminal, or one of unknown width: terminals made by programs often report 0
 */
export function terminalColumns(stream: {
  readonly isTTY?: boolean;
  readonly columns?: number;
}): number | null {
  const { isTTY = false, columns = 0 } = stream;
  return isTTY && columns >= minColumns ? columns : null;
}
