// Computes the mean of each cell of a grid over a plane.

/**
 * @param target 16 bits per cell, row by row, in 1/256 of a step; cells of at most 257 rows and 65,793 bytes
 * @param sums scratch of 2 bytes per column, in whole vectors; the plane may be read 15 bytes past its end
 */
export function means(
  source: usize,
  width: i32,
  height: i32,
  columns: i32,
  rows: i32,
  target: usize,
  sums: usize,
): void {
  for (let row = 0; row < rows; row++) {
    const top = (row * height) / rows;
    const bottom = ((row + 1) * height) / rows;
    addColumns(source + top * width, width, bottom - top, sums);
    for (let column = 0; column < columns; column++) {
      const left = (column * width) / columns;
      const right = ((column + 1) * width) / columns;
      let sum: u32 = 0;
      for (let x = left; x < right; x++) sum += load<u16>(sums + (x << 1));
      const count = <u32>((right - left) * (bottom - top));
      store<u16>(target, <u16>(((sum << 8) + (count >> 1)) / count));
      target += 2;
    }
  }
}

/** Sums each column of a strip of rows. */
function addColumns(source: usize, width: i32, rowCount: i32, sums: usize): void {
  for (let x = 0; x < width; x += 16) {
    let low = i16x8.splat(0);
    let high = i16x8.splat(0);
    let from = source + x;
    for (let row = 0; row < rowCount; row++) {
      const bytes = v128.load(from);
      low = i16x8.add(low, i16x8.extend_low_i8x16_u(bytes));
      high = i16x8.add(high, i16x8.extend_high_i8x16_u(bytes));
      from += width;
    }
    v128.store(sums + (x << 1), low);
    v128.store(sums + (x << 1) + 16, high);
  }
}
