import type { FrameShape } from "../../model/frame-units.js";
import type { Theme } from "../../model/theme.js";

/** Arrangement of the names of the closing on a card. */
export interface NamesGrid {
  /** Maximum number of rows. */
  readonly rows: number;
  readonly columns: number;
  readonly sizePx: number;
  /** Distance from one row of single-line names to the next. */
  readonly rowUnits: number;
  /** Additional room above and below a row that has a name of several lines. */
  readonly wrappedUnits: number;
  /** Cost of an incomplete last row, where a full card costs 2: a single name in it looks like a mistake. */
  readonly raggedCost: number;
  /** Gap between columns. */
  readonly gapUnits: number;
}

type Dense = Omit<NamesGrid, "wrappedUnits" | "raggedCost">;

const usualRowUnits = 94;
const usualGapUnits = 120;
/** `wrappedUnits` of a dense grid as a share of `rowUnits`. The usual grid needs none, since its rows are far apart. */
const wrappedShare = 0.16;
const denseRaggedCost = 0.5;

const usual: Readonly<Record<FrameShape, Pick<NamesGrid, "rows" | "columns">>> = {
  wide: { rows: 6, columns: 3 },
  square: { rows: 6, columns: 2 },
  tall: { rows: 12, columns: 1 },
};

/**
 * Grids for more names than the usual cards have time for, from the largest type to the smallest. 28 units are 28 px
 * of 1080 lines, as large as the credits of a feature film read from a sofa. Words, which are read for longer, have
 * at least 40. A square film is watched on a nearer screen.
 */
const dense: Readonly<Record<FrameShape, readonly Dense[]>> = {
  wide: [
    { sizePx: 40, rowUnits: 60, rows: 12, columns: 4, gapUnits: 64 },
    { sizePx: 34, rowUnits: 51, rows: 14, columns: 4, gapUnits: 56 },
    { sizePx: 28, rowUnits: 42, rows: 17, columns: 5, gapUnits: 44 },
  ],
  square: [
    { sizePx: 40, rowUnits: 60, rows: 12, columns: 2, gapUnits: 56 },
    { sizePx: 34, rowUnits: 51, rows: 14, columns: 3, gapUnits: 44 },
    { sizePx: 28, rowUnits: 42, rows: 17, columns: 3, gapUnits: 36 },
    { sizePx: 24, rowUnits: 36, rows: 20, columns: 4, gapUnits: 30 },
  ],
  tall: [
    { sizePx: 40, rowUnits: 62, rows: 23, columns: 2, gapUnits: 56 },
    { sizePx: 34, rowUnits: 52, rows: 28, columns: 2, gapUnits: 44 },
    { sizePx: 28, rowUnits: 42, rows: 34, columns: 3, gapUnits: 36 },
  ],
};

/** @returns grids from the roomiest to the densest; the first is the usual one */
export function namesGrids(shape: FrameShape, { type }: Theme): readonly [NamesGrid, ...NamesGrid[]] {
  const first = {
    ...usual[shape],
    sizePx: type.closingNamePx,
    rowUnits: usualRowUnits,
    wrappedUnits: 0,
    raggedCost: 0,
    gapUnits: usualGapUnits,
  };
  const wrapped = (grid: Dense): NamesGrid => ({
    ...grid,
    wrappedUnits: grid.rowUnits * wrappedShare,
    raggedCost: denseRaggedCost,
  });
  return [first, ...dense[shape].map(wrapped)];
}
