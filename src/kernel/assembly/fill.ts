// The fill around a picture that does not cover the frame: the picture itself, made small, blurred and mixed into a
// colour; `resample` enlarges it again. Intermediate samples have 16 bits, 6 of them a fraction, and rows follow each
// other without margins.
import { repeatEdges } from "./resample";

/**
 * Averages squares of `factor` bytes (at most 32) to samples, and moves each towards a value until only `share` (in
 * 1/256) of the difference is left.
 *
 * @param sums `width * factor` 16-bit numbers, and room for 8 more
 */
export function shrink(
  source: usize,
  sourceStride: i32,
  factor: i32,
  target: usize,
  width: i32,
  height: i32,
  towards: i32,
  share: i32,
  sums: usize,
): void {
  const sumsBytes = (width * factor) << 1;
  const perSample = ((<f64>share / 256.0) * 64.0) / <f64>(factor * factor);
  const floor = <f64>towards * (64.0 - <f64>share / 4.0) + 0.5;
  for (let y = 0; y < height; y++) {
    memory.fill(sums, 0, sumsBytes + 16);
    for (let row = 0; row < factor; row++, source += sourceStride) {
      for (let x = 0; x < sumsBytes; x += 16) {
        v128.store(sums + x, i16x8.add(v128.load(sums + x), v128.load8x8_u(source + (x >> 1))));
      }
    }
    let column = sums;
    for (let x = 0; x < width; x++, target += 2) {
      let sum = 0;
      for (let k = 0; k < factor; k++, column += 2) sum += <i32>load<u16>(column);
      store<i16>(target, <i16>(floor + <f64>sum * perSample));
    }
  }
}

/** Computes a running mean over `2 radius + 1` samples along each row, edges repeated. */
export function blurRows(source: usize, target: usize, width: i32, height: i32, radius: i32): void {
  const share = mean(radius);
  for (let y = 0; y < height; y++, source += width << 1) {
    let sum = 0;
    for (let x = -radius; x < radius; x++) sum += sampleAt(source, width, x);
    for (let x = 0; x < width; x++, target += 2) {
      sum += sampleAt(source, width, x + radius);
      store<i16>(target, <i16>((sum * share + 32768) >> 16));
      sum -= sampleAt(source, width, x - radius);
    }
  }
}

/**
 * Computes a running mean down each column.
 *
 * @param sums `width` 32-bit numbers
 */
export function blurColumns(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  radius: i32,
  sums: usize,
): void {
  const share = mean(radius);
  memory.fill(sums, 0, width << 2);
  for (let y = -radius; y < radius; y++) addRow(sums, rowAt(source, width, height, y), width, 1);
  for (let y = 0; y < height; y++) {
    addRow(sums, rowAt(source, width, height, y + radius), width, 1);
    for (let x = 0; x < width; x++, target += 2) {
      store<i16>(target, <i16>((load<i32>(sums + (x << 2)) * share + 32768) >> 16));
    }
    addRow(sums, rowAt(source, width, height, y - radius), width, -1);
  }
}

/** Rounds to bytes in a plane that `resample` can enlarge. */
export function finish(source: usize, width: i32, height: i32, target: usize, targetStride: i32): void {
  for (let y = 0; y < height; y++, target += targetStride) {
    for (let x = 0; x < width; x++, source += 2) {
      store<u8>(target + x, <u8>((<i32>load<i16>(source) + 32) >> 6));
    }
    repeatEdges(target, width);
  }
}

/** Returns 1 / (2 radius + 1) in 1/65536: its product with a sum of samples stays within 31 bits. */
@inline function mean(radius: i32): i32 {
  return 65536 / (2 * radius + 1);
}

@inline function sampleAt(row: usize, width: i32, x: i32): i32 {
  return load<i16>(row + (max(0, min(width - 1, x)) << 1));
}

@inline function rowAt(source: usize, width: i32, height: i32, y: i32): usize {
  return source + ((max(0, min(height - 1, y)) * width) << 1);
}

@inline function addRow(sums: usize, row: usize, width: i32, sign: i32): void {
  for (let x = 0; x < width; x++) {
    const sum = sums + (x << 2);
    store<i32>(sum, load<i32>(sum) + sign * <i32>load<i16>(row + (x << 1)));
  }
}
