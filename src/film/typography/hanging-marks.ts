import type { MeasureWidth } from "./break-lines.js";

/** Marks that open a line of either direction, and the share of their width that hangs. */
const hanging: Readonly<Record<"ltr" | "rtl", readonly (readonly [marks: RegExp, share: number])[]>> = {
  ltr: [
    [/^["“„‟‘‚‛']+/u, 1],
    [/^[«‹]/u, 0.7],
    // Full-width marks hang by the half of them that is blank.
    [/^[「『《〈【（［]/u, 0.5],
  ],
  rtl: [
    [/^["“”„‟‘’']+/u, 1],
    [/^[«»‹›]/u, 0.7],
  ],
};
const fullWidthEm = 0.9;

/**
 * Returns how far the marks that open a line hang out, in the units of `width`.
 *
 * @param emPx size of the type in those units
 */
export function hangingWidth(
  line: string,
  direction: "ltr" | "rtl",
  width: MeasureWidth,
  emPx: number,
): number {
  for (const [marks, share] of hanging[direction]) {
    const found = marks.exec(line)?.[0];
    if (found === undefined) continue;
    const markPx = width(found);
    // Chinese text sets curly quotation marks full-width, too.
    const isFullWidth = share === 1 && markPx >= fullWidthEm * emPx;
    return isFullWidth ? emPx / 2 : markPx * share;
  }
  return 0;
}
