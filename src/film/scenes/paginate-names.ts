export const mostNameRows = 6;
export const mostNameColumns = 3;

/**
 * Names of the closing, spread evenly over as few pages as hold them.
 * @returns no page when there are no names
 */
export function paginateNames(names: readonly string[]): string[][] {
  const pageCount = Math.ceil(names.length / (mostNameRows * mostNameColumns));
  return Array.from({ length: pageCount }, (_, page) =>
    names.slice(
      Math.floor((page * names.length) / pageCount),
      Math.floor(((page + 1) * names.length) / pageCount),
    ),
  );
}
