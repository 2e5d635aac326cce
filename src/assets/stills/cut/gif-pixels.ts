/** Maximum length of a code of GIF's LZW (GIF89a, appendix F). */
const maxBits = 12;

/**
 * Counts the pixels that the codes of a GIF's picture encode before they end. The pixels themselves are not decoded: only
 * the length of each table entry is needed.
 *
 * @param data offset of the picture's first block
 * @param minimumBits initial code length in the byte before the blocks
 * @returns 0 when a code is invalid, because the codes before it may then be wrong as well
 */
export function countGifPixels(file: Buffer, data: number, minimumBits: number): number {
  if (minimumBits < 2 || minimumBits > 8) return 0;
  const clear = 1 << minimumBits;
  const end = clear + 1;
  const lengths = new Uint32Array(1 << maxBits).fill(1, 0, clear);
  let [free, bits, previous, pixels, buffered, bufferedBits] = [end + 1, minimumBits + 1, 0, 0, 0, 0];
  for (const byte of bytesOfBlocks(file, data)) {
    buffered |= byte << bufferedBits;
    bufferedBits += 8;
    while (bufferedBits >= bits) {
      const code = buffered & ((1 << bits) - 1);
      buffered >>>= bits;
      bufferedBits -= bits;
      if (code === end) return pixels;
      if (code === clear) {
        [free, bits, previous] = [end + 1, minimumBits + 1, 0];
        continue;
      }
      if (code > free || (code === free && previous === 0)) return 0;
      const length = code < free ? (lengths[code] ?? 0) : previous + 1;
      if (previous > 0 && free < lengths.length) {
        lengths[free] = previous + 1;
        free += 1;
        if (free === 1 << bits && bits < maxBits) bits += 1;
      }
      pixels += length;
      previous = length;
    }
  }
  return pixels;
}

function* bytesOfBlocks(file: Buffer, start: number): Generator<number> {
  for (let at = start, size = file[at] ?? 0; size > 0; size = file[at] ?? 0) {
    yield* file.subarray(at + 1, at + 1 + size);
    at += 1 + size;
  }
}
