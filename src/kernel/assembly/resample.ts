// Sub-pixel resampling of one plane: Lanczos3 (6 taps), 256 phases, separable. Rows first, two at a time; their
// samples are interleaved in a ring of lines, so that both passes multiply pairs of neighbours and add them in
// one instruction (dot_i16x8; q15mulr costs four on x86). All in fixed point: coefficients have 14 fractional
// bits, lines 6. Source planes have a margin of repeated edge samples, so no pass needs to check for a border.

import { phaseOf, taps, wholeOf } from "./phases";

/** Repeated samples before and after each row of a source plane. */
export const marginBefore: i32 = 16;
export const marginAfter: i32 = 32;
/** Lines in the ring, each of two rows: six taps touch at most four. */
const lineCount: i32 = 4;
/** An entry for four columns: where their sources begin, how to gather their first pair of taps, three pairs of weights. */
const entryBytes: i32 = 80;

/** Copies bytes into a source plane, whose sample (0, 0) is `target`, and repeats their edges into its margins. */
export function pad(source: usize, width: i32, height: i32, target: usize, targetStride: i32): void {
  for (let y = 0; y < height; y++, source += width, target += targetStride) {
    memory.copy(target, source, width);
    repeatEdges(target, width);
  }
}

export function repeatEdges(row: usize, width: i32): void {
  memory.fill(row - marginBefore, load<u8>(row), marginBefore);
  memory.fill(row + width, load<u8>(row + width - 1), marginAfter);
}

/**
 * Paints `width` (at least 16) × `height` bytes at `target`: sample (x, y) is the source at (left + x step,
 * top + y step), both counted between sample centres. `step` is at most 2.
 *
 * @param source sample (0, 0) of the plane
 * @param strip 160 bytes for every 8 columns
 * @param lines 4 lines of `lineBytes`: 4 bytes for every column, and room for 8 more
 */
export function resample(
  source: usize,
  sourceStride: i32,
  sourceWidth: i32,
  sourceHeight: i32,
  target: usize,
  targetStride: i32,
  width: i32,
  height: i32,
  left: f64,
  top: f64,
  step: f64,
  strip: usize,
  lines: usize,
  lineBytes: i32,
): void {
  layOutStrip(strip, sourceWidth, width, left, step);
  let nextLine = i32.MIN_VALUE;
  for (let y = 0; y < height; y++) {
    const place = top + <f64>y * step;
    const firstRow = wholeOf(place) - 2;
    const firstLine = firstRow >> 1;
    const lastLine = (firstRow + taps - 1) >> 1;
    for (nextLine = max(nextLine, firstLine); nextLine <= lastLine; nextLine++) {
      const above = max(0, min(sourceHeight - 1, nextLine << 1));
      const below = max(0, min(sourceHeight - 1, (nextLine << 1) + 1));
      combineColumns(
        source + above * sourceStride,
        source + below * sourceStride,
        lineAt(lines, lineBytes, nextLine),
        width,
        strip,
      );
    }
    combineLines(lines, lineBytes, firstLine, firstRow & 1, phaseOf(place), target + y * targetStride, width);
  }
}

@inline function lineAt(lines: usize, lineBytes: i32, line: i32): usize {
  return lines + (line & (lineCount - 1)) * lineBytes;
}

function layOutStrip(strip: usize, sourceWidth: i32, width: i32, left: f64, step: f64): void {
  const end = (width + 7) & ~7;
  for (let x = 0, entry = strip; x < end; x += 4, entry += entryBytes) {
    const base = wholeOf(left + <f64>x * step) - 2;
    // Far outside the picture every sample equals the edge, and the margin has enough of them.
    store<i32>(entry, max(-marginBefore, min(sourceWidth, base)));
    for (let lane = 0; lane < 4; lane++) {
      const place = left + <f64>(x + lane) * step;
      const first = wholeOf(place) - 2 - base;
      // Bytes `first` and `first + 1`, each widened to 16 bits: swizzle returns 0 for 0x80, which is out of range.
      store<u32>(entry + 16 + (lane << 2), 0x80008000 | (<u32>(first + 1) << 16) | <u32>first);
      const weights = phaseOf(place);
      store<u32>(entry + 32 + (lane << 2), load<u32>(weights));
      store<u32>(entry + 48 + (lane << 2), load<u32>(weights, 4));
      store<u32>(entry + 64 + (lane << 2), load<u32>(weights, 8));
    }
  }
}

/** Combines the columns of two source rows to one line of pairs of 16 bits. Eight at a time are 7 % faster than four. */
function combineColumns(above: usize, below: usize, line: usize, width: i32, strip: usize): void {
  const end = line + (width << 2);
  for (; line < end; line += 32, strip += 2 * entryBytes) {
    combineFour(above, below, line, strip);
    combineFour(above, below, line + 16, strip + entryBytes);
  }
}

@inline function combineFour(above: usize, below: usize, line: usize, entry: usize): void {
  const nextPair = i8x16.splat(2);
  const half = i32x4.splat(128);
  const base = load<i32>(entry);
  const a = v128.load(above + base);
  const b = v128.load(below + base);
  let gather = v128.load(entry, 16);
  let weights = v128.load(entry, 32);
  let sumA = i32x4.add(half, i32x4.dot_i16x8_s(i8x16.swizzle(a, gather), weights));
  let sumB = i32x4.add(half, i32x4.dot_i16x8_s(i8x16.swizzle(b, gather), weights));
  gather = i8x16.add(gather, nextPair);
  weights = v128.load(entry, 48);
  sumA = i32x4.add(sumA, i32x4.dot_i16x8_s(i8x16.swizzle(a, gather), weights));
  sumB = i32x4.add(sumB, i32x4.dot_i16x8_s(i8x16.swizzle(b, gather), weights));
  gather = i8x16.add(gather, nextPair);
  weights = v128.load(entry, 64);
  sumA = i32x4.add(sumA, i32x4.dot_i16x8_s(i8x16.swizzle(a, gather), weights));
  sumB = i32x4.add(sumB, i32x4.dot_i16x8_s(i8x16.swizzle(b, gather), weights));
  v128.store(line, interleave(i32x4.shr_s(sumA, 8), i32x4.shl(sumB, 8)));
}

/** Combines the low halves of `low` and the high halves of `high`. */
@inline function interleave(low: v128, high: v128): v128 {
  return v128.shuffle<i16>(low, high, 0, 9, 2, 11, 4, 13, 6, 15);
}

/** Combines six rows of the ring to one row of bytes: three lines when they begin with a line, otherwise four. */
function combineLines(
  lines: usize,
  lineBytes: i32,
  firstLine: i32,
  beginsWithin: i32,
  weights: usize,
  target: usize,
  width: i32,
): void {
  const l0 = lineAt(lines, lineBytes, firstLine);
  const l1 = lineAt(lines, lineBytes, firstLine + 1);
  const l2 = lineAt(lines, lineBytes, firstLine + 2);
  const l3 = lineAt(lines, lineBytes, firstLine + 3);
  if (beginsWithin) {
    const w0 = i32x4.splat(<i32>load<u16>(weights) << 16);
    const w1 = v128.load32_splat(weights, 2);
    const w2 = v128.load32_splat(weights, 6);
    const w3 = i32x4.splat(<i32>load<u16>(weights, 10));
    for (let x = 0; x < width; x += 16) {
      const column = min(x, width - 16);
      const o = column << 2;
      v128.store(
        target + column,
        toBytes(
          dot4(l0 + o, l1 + o, l2 + o, l3 + o, w0, w1, w2, w3),
          dot4(l0 + o + 16, l1 + o + 16, l2 + o + 16, l3 + o + 16, w0, w1, w2, w3),
          dot4(l0 + o + 32, l1 + o + 32, l2 + o + 32, l3 + o + 32, w0, w1, w2, w3),
          dot4(l0 + o + 48, l1 + o + 48, l2 + o + 48, l3 + o + 48, w0, w1, w2, w3),
        ),
      );
    }
  } else {
    const w0 = v128.load32_splat(weights);
    const w1 = v128.load32_splat(weights, 4);
    const w2 = v128.load32_splat(weights, 8);
    for (let x = 0; x < width; x += 16) {
      const column = min(x, width - 16);
      const o = column << 2;
      v128.store(
        target + column,
        toBytes(
          dot3(l0 + o, l1 + o, l2 + o, w0, w1, w2),
          dot3(l0 + o + 16, l1 + o + 16, l2 + o + 16, w0, w1, w2),
          dot3(l0 + o + 32, l1 + o + 32, l2 + o + 32, w0, w1, w2),
          dot3(l0 + o + 48, l1 + o + 48, l2 + o + 48, w0, w1, w2),
        ),
      );
    }
  }
}

/** Weighs four columns of three lines, and adds half a unit for rounding. */
@inline function dot3(l0: usize, l1: usize, l2: usize, w0: v128, w1: v128, w2: v128): v128 {
  return i32x4.add(
    i32x4.add(i32x4.splat(1 << 19), i32x4.dot_i16x8_s(v128.load(l0), w0)),
    i32x4.add(i32x4.dot_i16x8_s(v128.load(l1), w1), i32x4.dot_i16x8_s(v128.load(l2), w2)),
  );
}

@inline function dot4(
  l0: usize,
  l1: usize,
  l2: usize,
  l3: usize,
  w0: v128,
  w1: v128,
  w2: v128,
  w3: v128,
): v128 {
  return i32x4.add(dot3(l0, l1, l2, w0, w1, w2), i32x4.dot_i16x8_s(v128.load(l3), w3));
}

@inline function toBytes(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_u(
    i16x8.narrow_i32x4_s(i32x4.shr_s(a, 20), i32x4.shr_s(b, 20)),
    i16x8.narrow_i32x4_s(i32x4.shr_s(c, 20), i32x4.shr_s(d, 20)),
  );
}
