/**
 * Returns ` (did you mean status?)` if one of the names differs from the word by at most one to three typing errors,
 * depending on the word's length; otherwise an empty text.
 *
 * @param show formats the name
 */
export function didYouMean(
  word: string,
  names: readonly string[],
  show: (name: string) => string = (name) => name,
): string {
  const allowed = word.length <= 3 ? 1 : word.length <= 8 ? 2 : 3;
  let nearest: { readonly name: string; readonly typos: number } | null = null;
  for (const name of names) {
    const typos = countTypos(word.toLowerCase(), name);
    if (typos <= allowed && typos < (nearest?.typos ?? Infinity)) nearest = { name, typos };
  }
  return nearest === null ? "" : ` (did you mean ${show(nearest.name)}?)`;
}

/**
 * Counts letters that are wrong, missing, too many or swapped: the optimal string alignment distance
 * (https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance).
 */
function countTypos(one: string, other: string): number {
  // Words that differ too much in length are not compared, because a word may be as long as a command line.
  if (Math.abs(one.length - other.length) > 3) return Infinity;
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= one.length; row += 1) {
    const above = rows[row - 1] ?? [];
    const line = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      let typos = Math.min(
        (above[column] ?? 0) + 1,
        (line[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (isSame ? 0 : 1),
      );
      const isSwapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (isSwapped) typos = Math.min(typos, (rows[row - 2]?.[column - 2] ?? 0) + 1);
      line.push(typos);
    }
    rows.push(line);
  }
  return rows[one.length]?.[other.length] ?? 0;
}
