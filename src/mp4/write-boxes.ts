/** Builds parts of ISO base media files (ISO/IEC 14496-12, 4.2): boxes of big-endian fields. */

export function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const size = content.reduce((sum, part) => sum + part.length, 8);
  return Buffer.concat([uint32(size), fourCharacters(type), ...content], size);
}

/** Builds a box with version and flags. */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...content: readonly Uint8Array[]
): Buffer {
  return box(type, uint32(version * 2 ** 24 + flags), ...content);
}

export function uint8(...values: readonly number[]): Buffer {
  return Buffer.from(values);
}

export function uint16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, 2 * index);
  return bytes;
}

export function uint32(...values: readonly number[]): Buffer {
  return uint32s(values);
}

export function uint32s(values: ArrayLike<number>): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (let index = 0; index < values.length; index++) bytes.writeUInt32BE(values[index] as number, 4 * index);
  return bytes;
}

export function uint64s(values: ArrayLike<number>): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (let index = 0; index < values.length; index++) {
    bytes.writeBigUInt64BE(BigInt(values[index] as number), 8 * index);
  }
  return bytes;
}

/** Encodes a box type, handler or brand: four bytes of Latin-1. */
export function fourCharacters(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

export function zeros(count: number): Buffer {
  return Buffer.alloc(count);
}
