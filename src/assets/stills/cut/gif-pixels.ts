/** Codes of GIF's LZW have at most so many bits (GIF89a, appendix F). */
const mostBits = 12;

/**
 * How many pixels the codes of a GIF's picture give before they end, without the pixels themselves: of each entry of the
 * table only its length counts.
 *
 * @param data where the picture's blocks begin, at their first size
 * @param minimumBits of a code, as the byte before the blocks says
 * @returns 0 where a code makes no sense: then others before it may not mean what they say
 */
export function countGifPixels(file: Buffer, data: number, minimumBits: number): number {
  if (minimumBits < 2 || minimumBits > 8) return 0;
  const clear = 1 << minimumBits;
  const end = clear + 1;
  const lengths = new Uint32Array(1 << mostBits).fill(1, 0, clear);
  let [free, bits, previous, pixels, held, heldBits] = [end + 1, minimumBits + 1, 0, 0, 0, 0];
  for (const byte of bytesOfBlocks(file, data)) {
    held |= byte << heldBits;
    heldBits += 8;
    while (heldBits >= bits) {
      const code = held & ((1 << bits) - 1);
      held >>>= bits;
      heldBits -= bits;
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
        if (free === 1 << bits && bits < mostBits) bits += 1;
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
