// Lays pictures over each other. All weights are in 1/32768 and between 0 and 32767, which is precise enough for the
// full difference of a byte. `blend` may overwrite 15 bytes past its end; the others stay within their planes.

/** Computes `from + (to - from) weight` for 8 widened bytes. */
@inline function mix8(from: v128, to: v128, weight: v128): v128 {
  return i16x8.add(from, i16x8.q15mulr_sat_s(i16x8.sub(to, from), weight));
}

@inline function mixBytes(from: v128, to: v128, low: v128, high: v128): v128 {
  return i8x16.narrow_i16x8_u(
    mix8(i16x8.extend_low_i8x16_u(from), i16x8.extend_low_i8x16_u(to), low),
    mix8(i16x8.extend_high_i8x16_u(from), i16x8.extend_high_i8x16_u(to), high),
  );
}

/** Sets `target` to `from` with `to` over it at `weight`; `target` may be either of them. */
export function blend(target: usize, from: usize, to: usize, sizeBytes: i32, weight: i32): void {
  const w = i16x8.splat(<i16>weight);
  for (let i = 0; i < sizeBytes; i += 16) {
    v128.store(target + i, mixBytes(v128.load(from + i), v128.load(to + i), w, w));
  }
}

/** Sets `target` to the flat `value` with `source` over it at `weight`. */
export function fade(target: usize, source: usize, sizeBytes: i32, value: i32, weight: i32): void {
  const w = i16x8.splat(<i16>weight);
  const flat = i8x16.splat(<i8>value);
  let i = 0;
  for (; i <= sizeBytes - 16; i += 16) {
    v128.store(target + i, mixBytes(flat, v128.load(source + i), w, w));
  }
  for (; i < sizeBytes; i++) {
    const difference = <i32>load<u8>(source + i) - value;
    store<u8>(target + i, <u8>(value + ((difference * weight + 16384) >> 15)));
  }
}

/** Converts alpha bytes to weights: 0 to 0, 255 to 32767. */
@inline function alphaWeight(alpha: v128): v128 {
  return i16x8.add(i16x8.shl(alpha, 7), i16x8.shr_u(alpha, 1));
}

/** Lays a plane with its alpha over a plane of the frame, both of the same size, at `opacity`. */
export function lay(
  target: usize,
  targetStride: i32,
  source: usize,
  alpha: usize,
  sourceStride: i32,
  width: i32,
  height: i32,
  opacity: i32,
): void {
  const w = i16x8.splat(<i16>opacity);
  for (let y = 0; y < height; y++) {
    let x = 0;
    for (; x <= width - 16; x += 16) {
      const cover = v128.load(alpha + x);
      if (!v128.any_true(cover)) continue;
      const low = i16x8.q15mulr_sat_s(alphaWeight(i16x8.extend_low_i8x16_u(cover)), w);
      const high = i16x8.q15mulr_sat_s(alphaWeight(i16x8.extend_high_i8x16_u(cover)), w);
      v128.store(target + x, mixBytes(v128.load(target + x), v128.load(source + x), low, high));
    }
    for (; x < width; x++) {
      const cover = <i32>load<u8>(alpha + x);
      const weight = (((cover << 7) + (cover >> 1)) * opacity + 16384) >> 15;
      const below = <i32>load<u8>(target + x);
      const difference = <i32>load<u8>(source + x) - below;
      store<u8>(target + x, <u8>(below + ((difference * weight + 16384) >> 15)));
    }
    target += targetStride;
    source += sourceStride;
    alpha += sourceStride;
  }
}
