import type { FrameShape, FrameUnits } from "../frame-units.js";

/** The most names that stand under each other on a closing card, and the most columns of them. */
const grids: Readonly<Record<FrameShape, { readonly rows: number; readonly columns: number }>> = {
  wide: { rows: 6, columns: 3 },
  square: { rows: 6, columns: 2 },
  tall: { rows: 12, columns: 1 },
};
/** So few names stand in one column in any shape. */
const mostInOneColumn = 4;

/**
 * Names of the closing, spread evenly over as few pages as hold them.
 * @returns no page when there are no names
 */
export function paginateNames(names: readonly string[], { shape }: FrameUnits): string[][] {
  const pageCount = Math.ceil(names.length / (grids[shape].rows * grids[shape].columns));
  return Array.from({ length: pageCount }, (_, page) =>
    names.slice(
      Math.floor((page * names.length) / pageCount),
      Math.floor(((page + 1) * names.length) / pageCount),
    ),
  );
}

/** Columns for the names of one page: no more than they need to look well. */
export function countColumns(nameCount: number, { shape }: FrameUnits): number {
  const { rows, columns } = grids[shape];
  if (nameCount <= mostInOneColumn) return 1;
  return Math.min(columns, nameCount <= rows ? 2 : 3);
}
