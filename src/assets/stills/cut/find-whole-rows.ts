/**
 * How many rows of a cut picture can be decoded, by trying: each try decodes the picture as if it had so many.
 *
 * @param height rows of the whole picture
 * @param step rows that are coded together
 * @param decodes whether nothing is missing in the first `rows`
 * @returns a multiple of `step`; 0 where not even half can be decoded
 */
export async function findWholeRows(
  height: number,
  step: number,
  decodes: (rows: number) => Promise<boolean>,
): Promise<number> {
  let good = Math.ceil(height / 2 / step);
  let bad = Math.ceil(height / step);
  if (good >= bad || !(await decodes(good * step))) return 0;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (await decodes(middle * step)) good = middle;
    else bad = middle;
  }
  return good * step;
}
