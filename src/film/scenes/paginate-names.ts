import type { FrameShape } from "../frame-units.js";
import {
  columnMeasure,
  namesRoom,
  placeRows,
  rowUnits,
  type NamesPage,
  type NamesTools,
} from "./closing-names.js";
import { fitName, type FittedName } from "./fit-name.js";

/** The most names that stand under each other on a closing card, and the most columns of them. */
const grids: Readonly<Record<FrameShape, { readonly rows: number; readonly columns: number }>> = {
  wide: { rows: 6, columns: 3 },
  square: { rows: 6, columns: 2 },
  tall: { rows: 12, columns: 1 },
};
/** So few names stand in one column in any shape. */
const mostInOneColumn = 4;
/** So many names must stand on one line for their columns to look well. */
const leastOnOneLine = 0.75;
/** A name of more lines, a dedication more than a name, would tear a row apart: it stands on a card of its own. */
const mostLinesInRow = 3;

/**
 * Names of the closing, in the same columns on as few cards as hold them, and spread over these alike: by their
 * number, and by the height of their lines.
 *
 * @returns no page when there are no names
 */
export function paginateNames(tools: NamesTools, contributors: readonly string[]): NamesPage[] {
  const columnCount = countColumns(tools, contributors);
  const shown = contributors.flatMap((name) => {
    const fitted = fitInColumn(tools, name, columnCount);
    return fitted === null ? [] : [{ name, fitted }];
  });
  const names = shown.map(({ name }) => name);
  const fitted = shown.map((one) => one.fitted);
  const room = namesRoom(tools);
  const most = grids[tools.frame.shape].rows * columnCount;
  const standsAlone = (index: number): boolean =>
    columnCount > 1 && (fitted[index]?.lines.length ?? 0) > mostLinesInRow;
  /** Of the best way to spread all names before one: pages, and how unlike they are; and where its last page starts. */
  const costs = [0];
  const starts = [0];
  for (let end = 1; end <= names.length; end += 1) {
    let best = Infinity;
    for (let start = end - 1; start >= Math.max(0, end - most); start -= 1) {
      const { heightUnits } = placeRows(fitted.slice(start, end), columnCount, rowUnits);
      if (end - start > 1 && (heightUnits > room || standsAlone(start) || standsAlone(end - 1))) break;
      const unlike = (heightUnits / room) ** 2 + ((end - start) / most) ** 2;
      const cost = (costs[start] ?? 0) + pageCost + unlike;
      if (cost >= best) continue;
      best = cost;
      starts[end] = start;
    }
    costs[end] = best;
  }
  const pages: NamesPage[] = [];
  for (let end = names.length; end > 0; end = starts[end] ?? 0) {
    const start = starts[end] ?? 0;
    pages.push({ names: names.slice(start, end), columnCount: standsAlone(start) ? 1 : columnCount });
  }
  return pages.toReversed();
}

function fitInColumn(tools: NamesTools, name: string, columnCount: number): FittedName | null {
  const { closingNamePx } = tools.theme.type;
  const measurePx = columnMeasure(tools.frame, columnCount);
  return fitName(tools, name, { sizePx: closingNamePx, leastPx: closingNamePx, measurePx });
}

/** Keeps the number of pages at the least possible: 500 names cannot be so unlike. */
const pageCost = 1000;

/** As many columns as look well: no more than the names are many, and none that most are too wide for. */
function countColumns(tools: NamesTools, names: readonly string[]): number {
  const { rows, columns } = grids[tools.frame.shape];
  const most = names.length <= mostInOneColumn ? 1 : Math.min(columns, names.length <= rows ? 2 : 3);
  for (let count = most; count > 1; count -= 1) {
    const onOneLine = names.filter((name) => (fitInColumn(tools, name, count)?.lines.length ?? 1) === 1);
    if (onOneLine.length >= leastOnOneLine * names.length) return count;
  }
  return 1;
}
