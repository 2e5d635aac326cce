import type { FrameUnits } from "../../model/frame-units.js";
import type { Theme } from "../../model/theme.js";
import type { DrawingContext } from "../drawing/drawing-context.js";
import { fitName, type FittedName } from "../text/fit-name.js";
import { namesGrids, type NamesGrid } from "./names-grids.js";
import { capitalEm } from "../text/text-pieces.js";

/** Names of the closing on one card, in rows of `columnCount`. */
export interface NamesPage {
  readonly names: readonly string[];
  readonly columnCount: number;
  /** Index of `namesGrids`, from the roomiest; absent for the usual grid. */
  readonly gridIndex?: number;
}

/** The part of a drawing context that names are laid out with. */
export type NamesTools = Pick<DrawingContext, "theme" | "fonts" | "context" | "frame">;

export interface LaidOutNames {
  readonly fitted: readonly FittedName[];
  readonly rows: NameRows;
  /** Distance from the middle of one column to the next. */
  readonly pitchUnits: number;
  /** Whether rows are read from the right, as most of their names are. */
  readonly isRightToLeft: boolean;
}

interface NameRows {
  /** Middle baselines of the rows, below the first row's first baseline. */
  readonly middles: readonly number[];
  readonly heightUnits: number;
}

export const labelToFirst = 118;
export const lastToRule = 84;
/** Number of names up to which they are set larger, where there is room. */
const fewNames = 4;
const fewNamesEnlargement = 1.3;

/** Height of what a card of names has above and below them. */
export function aroundNames({ type }: Theme): number {
  return labelToFirst + lastToRule - type.labelPx * capitalEm;
}

/** Height available for the names of a card. */
export function namesRoom({ theme, frame }: Pick<NamesTools, "theme" | "frame">): number {
  return frame.height - 2 * frame.margin.y - aroundNames(theme);
}

/** Maximum width of a name. */
export function columnMeasure(
  { width, margin }: FrameUnits,
  columnCount: number,
  { gapUnits }: Pick<NamesGrid, "gapUnits">,
): number {
  return (width - 2 * margin.x - (columnCount - 1) * gapUnits) / columnCount;
}

/** Lays out all names of a card in one size; those that are too wide are set on several lines. */
export function layOutNames(
  tools: NamesTools,
  { names, columnCount, gridIndex = 0 }: NamesPage,
): LaidOutNames {
  const { theme, frame } = tools;
  const room = namesRoom(tools);
  const grids = namesGrids(frame.shape, theme);
  const grid = grids[gridIndex] ?? grids[0];
  const layOut = (sizePx: number, pitchUnits: number): LaidOutNames => {
    const measurePx = columnMeasure(frame, columnCount, grid);
    const fitted = names
      .map((name) => fitName(tools, name, { sizePx, minPx: sizePx, measurePx }))
      .filter((name) => name !== null);
    const widest = Math.max(0, ...fitted.map(({ widthPx }) => widthPx));
    return {
      fitted,
      rows: placeRows(fitted, columnCount, pitchUnits, grid.wrappedUnits),
      pitchUnits: Math.min(widest, measurePx) + grid.gapUnits,
      isRightToLeft: 2 * fitted.filter(({ direction }) => direction === "rtl").length > fitted.length,
    };
  };
  const { sizePx, rowUnits } = grid;
  if (gridIndex === 0 && names.length <= fewNames) {
    const large = layOut(Math.round(sizePx * fewNamesEnlargement), rowUnits * fewNamesEnlargement);
    if (large.rows.heightUnits <= room) return large;
  }
  const usual = layOut(sizePx, rowUnits);
  if (usual.rows.heightUnits <= room) return usual;
  return layOut(Math.min(sizePx, theme.type.minPx), rowUnits);
}

/**
 * Places rows as high as their names need.
 *
 * @param wrappedUnits additional room above and below a row that has a name of several lines, whose lines would
 *   otherwise look like separate names
 */
export function placeRows(
  names: readonly FittedName[],
  columnCount: number,
  pitchUnits: number,
  wrappedUnits = 0,
): NameRows {
  const middles: number[] = [];
  let bottom = -pitchUnits;
  for (let first = 0; first < names.length; first += columnCount) {
    const inRow = names.slice(first, first + columnCount);
    const height = Math.max(...inRow.map(({ lines, lineHeightPx }) => (lines.length - 1) * lineHeightPx));
    const more = height > 0 ? wrappedUnits : 0;
    middles.push(bottom + pitchUnits + more + height / 2);
    bottom += pitchUnits + height + 2 * more;
  }
  return { middles, heightUnits: Math.max(0, bottom) };
}
