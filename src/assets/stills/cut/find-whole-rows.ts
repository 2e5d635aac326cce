/**
 * Finds out by binary search how many rows of a cut picture can be decoded. Each attempt decodes a shorter picture.
 *
 * @param height rows of the whole picture
 * @param step rows that are coded together
 * @param decodes whether the first `rows` are complete
 * @returns a multiple of `step`; 0 when less than half can be decoded
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
