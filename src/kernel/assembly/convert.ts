// Converts packed RGB to planes of BT.709 limited range. Coefficients are those of ITU-R BT.709 in 1/32768, rounded so that
// greys have no colour and white is 235.

@inline function weights(red: i16, green: i16): v128 {
  return i32x4.splat((<i32>green << 16) | (<i32>red & 0xffff));
}

/**
 * Converts one row of RGB to bytes of luma and to unsubsampled chroma: 16-bit samples around 0 with 6 fractional bits, the
 * first one repeated before the row. Reads and writes up to 16 pixels past the row.
 */
export function rgbToYuvRow(rgb: usize, width: i32, luma: usize, blueness: usize, redness: usize): void {
  for (let x = 0; x < width; x += 8, rgb += 24) {
    const left = v128.load(rgb);
    const right = v128.load(rgb, 12);
    const leftRedGreen = redGreen(left);
    const rightRedGreen = redGreen(right);
    const leftBlue = blue(left);
    const rightBlue = blue(right);
    const y = i16x8.narrow_i32x4_s(
      i32x4.shr_s(weigh(leftRedGreen, leftBlue, weights(5983, 20127), weights(2032, 0), 540672), 15),
      i32x4.shr_s(weigh(rightRedGreen, rightBlue, weights(5983, 20127), weights(2032, 0), 540672), 15),
    );
    v128.store64_lane(luma + x, i8x16.narrow_i16x8_u(y, y), 0);
    v128.store(
      blueness + (x << 1),
      i16x8.narrow_i32x4_s(
        i32x4.shr_s(weigh(leftRedGreen, leftBlue, weights(-3298, -11094), weights(14392, 0), 256), 9),
        i32x4.shr_s(weigh(rightRedGreen, rightBlue, weights(-3298, -11094), weights(14392, 0), 256), 9),
      ),
    );
    v128.store(
      redness + (x << 1),
      i16x8.narrow_i32x4_s(
        i32x4.shr_s(weigh(leftRedGreen, leftBlue, weights(14392, -13073), weights(-1319, 0), 256), 9),
        i32x4.shr_s(weigh(rightRedGreen, rightBlue, weights(14392, -13073), weights(-1319, 0), 256), 9),
      ),
    );
  }
  store<i16>(blueness - 2, load<i16>(blueness));
  store<i16>(redness - 2, load<i16>(redness));
}

/** Returns red and green of 4 pixels as pairs of 16 bits. */
@inline function redGreen(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(0, -1, 1, -1, 3, -1, 4, -1, 6, -1, 7, -1, 9, -1, 10, -1));
}

/** Returns blue of 4 pixels as pairs of 16 bits with 0. */
@inline function blue(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1));
}

@inline function weigh(
  redGreenPairs: v128,
  bluePairs: v128,
  redGreenWeights: v128,
  blueWeights: v128,
  offset: i32,
): v128 {
  return i32x4.add(
    i32x4.add(i32x4.dot_i16x8_s(redGreenPairs, redGreenWeights), i32x4.splat(offset)),
    i32x4.dot_i16x8_s(bluePairs, blueWeights),
  );
}

/**
 * Makes the chroma bytes of two rows from `rgbToYuvRow`, sited to the left: each sample weighs the columns 2x - 1, 2x and
 * 2x + 1 as 1, 2, 1. Writes up to 8 bytes past the row.
 */
export function sitedChromaRow(upper: usize, lower: usize, chroma: usize, width: i32): void {
  const here = i32x4.splat((1 << 16) | 2);
  const before = i32x4.splat(1);
  for (let x = 0; x < width; x += 16) {
    const at = x << 1;
    const low = siteFour(upper + at, lower + at, here, before);
    const high = siteFour(upper + at + 16, lower + at + 16, here, before);
    const samples = i16x8.narrow_i32x4_s(low, high);
    v128.store64_lane(chroma + (x >> 1), i8x16.narrow_i16x8_u(samples, samples), 0);
  }
}

@inline function siteFour(upper: usize, lower: usize, here: v128, before: v128): v128 {
  const columns = i16x8.add(v128.load(upper), v128.load(lower));
  const columnsBefore = i16x8.add(v128.load(upper - 2), v128.load(lower - 2));
  const sum = i32x4.add(i32x4.dot_i16x8_s(columns, here), i32x4.dot_i16x8_s(columnsBefore, before));
  return i32x4.add(i32x4.shr_s(i32x4.add(sum, i32x4.splat(256)), 9), i32x4.splat(128));
}
