import { columnMeasure, namesRoom, placeRows, type NamesPage, type NamesTools } from "./closing-names.js";
import { fitName, type FittedName } from "../text/fit-name.js";
import { namesGrids, type NamesGrid } from "./names-grids.js";
import { targetCardSeconds, haveEnoughTime, maxNamesSeconds } from "./names-pace.js";

/** Number of names up to which there is one column, in any shape. */
const maxInOneColumn = 4;
/** Columns are used only where at least this share of the names fits on one line. */
const minOnOneLine = 0.75;
/** A name of more lines would push the rows apart, so it gets a card of its own. */
const maxLinesInRow = 3;

/**
 * Distributes the names of the closing over cards: as large as the time for all cards allows, smaller and more per
 * card where the cards would follow each other too fast.
 *
 * @returns no page when there are no names
 */
export function paginateNames(tools: NamesTools, contributors: readonly string[]): NamesPage[] {
  const grids = namesGrids(tools.frame.shape, tools.theme);
  let pages: NamesPage[] = [];
  for (const [gridIndex, grid] of grids.entries()) {
    const isDensest = gridIndex === grids.length - 1;
    const fewestPages = Math.ceil(contributors.length / (grid.rows * grid.columns));
    if (!isDensest && fewestPages * targetCardSeconds > maxNamesSeconds) continue;
    const dense = gridIndex === 0 ? {} : { gridIndex };
    pages = spreadNames(tools, contributors, grid).map((page) => ({ ...page, ...dense }));
    const counts = pages.map(({ names }) => names.length);
    if (gridIndex === 0 && haveEnoughTime(counts, tools.theme.timing)) break;
    if (gridIndex > 0 && pages.length * targetCardSeconds <= maxNamesSeconds) break;
  }
  return pages;
}

/**
 * Distributes names in the same columns over as few cards as possible, balanced by their number and by their height.
 */
function spreadNames(
  tools: NamesTools,
  contributors: readonly string[],
  grid: NamesGrid,
): Omit<NamesPage, "gridIndex">[] {
  const columnCount = countColumns(tools, contributors, grid);
  const shown = contributors.flatMap((name) => {
    const fitted = fitInColumn(tools, name, columnCount, grid);
    return fitted === null ? [] : [{ name, fitted }];
  });
  const names = shown.map(({ name }) => name);
  const fitted = shown.map((one) => one.fitted);
  const room = namesRoom(tools);
  const pageCapacity = grid.rows * columnCount;
  const standsAlone = (index: number): boolean =>
    columnCount > 1 && (fitted[index]?.lines.length ?? 0) > maxLinesInRow;
  /**
   * The best way to distribute all names before an index: its cost (the number of pages, and their imbalance), and
   * where its last page starts.
   */
  const costs = [0];
  const starts = [0];
  for (let end = 1; end <= names.length; end += 1) {
    let best = Infinity;
    for (let start = end - 1; start >= Math.max(0, end - pageCapacity); start -= 1) {
      const { heightUnits } = placeRows(
        fitted.slice(start, end),
        columnCount,
        grid.rowUnits,
        grid.wrappedUnits,
      );
      if (end - start > 1 && (heightUnits > room || standsAlone(start) || standsAlone(end - 1))) break;
      const imbalance = (heightUnits / room) ** 2 + ((end - start) / pageCapacity) ** 2;
      const isRagged = end < names.length && (end - start) % columnCount > 0;
      const cost = (costs[start] ?? 0) + pageCost + imbalance + (isRagged ? grid.raggedCost : 0);
      if (cost >= best) continue;
      best = cost;
      starts[end] = start;
    }
    costs[end] = best;
  }
  const pages: Omit<NamesPage, "gridIndex">[] = [];
  for (let end = names.length; end > 0; end = starts[end] ?? 0) {
    const start = starts[end] ?? 0;
    pages.push({ names: names.slice(start, end), columnCount: standsAlone(start) ? 1 : columnCount });
  }
  return pages.toReversed();
}

function fitInColumn(
  tools: NamesTools,
  name: string,
  columnCount: number,
  grid: NamesGrid,
): FittedName | null {
  const { sizePx } = grid;
  const measurePx = columnMeasure(tools.frame, columnCount, grid);
  return fitName(tools, name, { sizePx, minPx: sizePx, measurePx });
}

/** Cost of a page: more than the imbalance of 500 names can cost, so that the number of pages is minimal. */
const pageCost = 1000;

/** Chooses the number of columns: no more than the names fill, and none too narrow for most names. */
function countColumns(tools: NamesTools, names: readonly string[], grid: NamesGrid): number {
  const { rows, columns } = grid;
  const maxColumns =
    names.length <= maxInOneColumn ? 1 : Math.min(columns, names.length <= rows ? 2 : columns);
  for (let count = maxColumns; count > 1; count -= 1) {
    const onOneLine = names.filter(
      (name) => (fitInColumn(tools, name, count, grid)?.lines.length ?? 1) === 1,
    );
    if (onOneLine.length >= minOnOneLine * names.length) return count;
  }
  return 1;
}
