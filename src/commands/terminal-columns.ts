/** Narrower than this nothing can be laid out. */
const minColumns = 20;

/**
 * Width of a terminal in columns.
 * @returns null where there is no terminal, or one that does not know its width: those made by programs often say 0
 */
export function terminalColumns(stream: {
  readonly isTTY?: boolean;
  readonly columns?: number;
}): number | null {
  const { isTTY = false, columns = 0 } = stream;
  return isTTY && columns >= minColumns ? columns : null;
}
