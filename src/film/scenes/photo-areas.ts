import { heightUnits, type Box, type Easel } from "./easel.js";
import { nameBaseline } from "./lower-third.js";

/** Where a whole photo stands, at its largest, and where words go beside it: in reference units. */

const standing = { y: 90, height: 900 };
/** Words beside a photo: as wide as `beside-photo` measures, up to the margin. */
const columnUnits = 756;
const gapUnits = 100;
const edgeUnits = 108;
const leastNameMeasure = 300;

/** The column that words beside a photo are set in. */
export function wordsColumn(
  { theme, widthUnits }: Easel,
  direction: "ltr" | "rtl",
): { readonly x: number; readonly measurePx: number; readonly align: "left" | "right" } {
  const start = widthUnits - theme.marginPx - columnUnits;
  return direction === "ltr"
    ? { x: start, measurePx: columnUnits, align: "left" }
    : { x: widthUnits - start, measurePx: columnUnits, align: "right" };
}

export function photoAreaBesideWords(easel: Easel, direction: "ltr" | "rtl"): Box {
  const { theme, widthUnits } = easel;
  const width = widthUnits - theme.marginPx - columnUnits - gapUnits - edgeUnits;
  return mirrored(easel, { x: edgeUnits, width, ...standing }, direction === "rtl");
}

/**
 * A whole photo with only a name: in the middle where the name has room beside it, else away from the name's side,
 * and above the name when it is too wide for that.
 */
export function photoAreaWithName(
  easel: Easel,
  aspect: number,
  isNameRight: boolean,
): { readonly area: Box; readonly nameMeasure: number } {
  const { theme, widthUnits } = easel;
  const besideName = theme.marginPx + leastNameMeasure + gapUnits / 2;
  const width = standing.height * aspect;
  if (width <= widthUnits - 2 * besideName) {
    const measure = (widthUnits - width) / 2 - theme.marginPx - gapUnits / 2;
    return { area: { x: 0, width: widthUnits, ...standing }, nameMeasure: measure };
  }
  if (width <= widthUnits - besideName - edgeUnits) {
    const area = { x: besideName, width: widthUnits - besideName - edgeUnits, ...standing };
    const spare = (area.width - width) / 2;
    return { area: mirrored(easel, area, isNameRight), nameMeasure: leastNameMeasure + spare };
  }
  const area = {
    x: edgeUnits,
    width: widthUnits - 2 * edgeUnits,
    y: 64,
    height: nameBaseline - 70 - 64 - 48,
  };
  return { area, nameMeasure: widthUnits - 2 * theme.marginPx };
}

/** Above a name and a waveform in the lower third. */
export function photoAreaAboveBand({ widthUnits }: Easel): Box {
  return { x: edgeUnits, width: widthUnits - 2 * edgeUnits, y: 56, height: heightUnits - 56 - 270 };
}

function mirrored({ widthUnits }: Easel, box: Box, isMirrored: boolean): Box {
  return isMirrored ? { ...box, x: widthUnits - box.x - box.width } : box;
}
