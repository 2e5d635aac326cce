/**
 * Gives a naked codestream whose header says nothing but its size and "as usual" an orientation (ISO/IEC 18181-1, D.3).
 * Bits go from the lowest of each byte on.
 *
 * @param orientation as in EXIF
 */
export function orientJxl(file: Buffer, orientation: number): Buffer {
  const bits = [...file.subarray(0, 32)].flatMap((byte) =>
    Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1),
  );
  let at = 16;
  const read = (count: number): number => {
    const value = bits.slice(at, at + count).reduce((sum, bit, index) => sum + bit * 2 ** index, 0);
    at += count;
    return value;
  };
  const isSmall = read(1) === 1;
  const readSide = (): number => read(isSmall ? 5 : ([9, 13, 18, 30][read(2)] ?? 0));
  readSide();
  if (read(3) === 0) readSide();
  const metadataAt = at;
  if (read(1) !== 1 || read(1) !== 1) throw new Error("a header of another kind than expected");
  const value = orientation - 1;
  const header = [
    ...bits.slice(0, metadataAt),
    // Not all as usual, and more than usual: an orientation; no own size, no preview, no animation.
    ...toBits(0b10 | (value << 2), 8),
    // Eight bits, 16-bit buffers are enough, no extra channels, XYB; colours and tone mapping as usual, no extensions.
    ...toBits(0b00_1_1_1_00_1_000, 11),
    // Transforms as usual.
    1,
  ];
  const bytes = Buffer.alloc(Math.ceil(header.length / 8));
  for (const [index, bit] of header.entries())
    bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (bit << (index & 7));
  return Buffer.concat([bytes, file.subarray(Math.ceil(at / 8))]);
}

function toBits(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, bit) => (value >> bit) & 1);
}
