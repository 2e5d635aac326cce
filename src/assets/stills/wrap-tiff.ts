interface ProfiledPixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly iccProfile: Buffer;
}

const short = 3;
const long = 4;
const undefinedType = 7;
const typeBytes: Readonly<Record<number, number>> = { [short]: 2, [long]: 4, [undefinedType]: 1 };

const headerBytes = 8;
const entryBytes = 12;
const rowsPerStrip = 64;

/**
 * Writes pixels and their colour profile as an uncompressed TIFF (TIFF 6.0; tag 34675 of the ICC specification, B.4).
 * sharp converts from a profile only in files, and this is the cheapest file.
 */
export function wrapTiff({ data, width, height, channels, iccProfile }: ProfiledPixels): Buffer {
  const stripBytes = rowsPerStrip * width * channels;
  const stripCount = Math.ceil(height / rowsPerStrip);
  const strips = Array.from({ length: stripCount }, (_, index) => index * stripBytes);
  const numbers = (values: readonly number[], bytes: number): Buffer => {
    const buffer = Buffer.alloc(values.length * bytes);
    for (const [index, value] of values.entries()) buffer.writeUIntLE(value, index * bytes, bytes);
    return buffer;
  };
  const shorts = (...values: number[]): Buffer => numbers(values, 2);
  const longs = (...values: number[]): Buffer => numbers(values, 4);
  const build = (pixelsAt: number): [tag: number, type: number, value: Buffer][] => [
    [256, long, longs(width)],
    [257, long, longs(height)],
    [258, short, shorts(...Array.from({ length: channels }, () => 8))],
    [259, short, shorts(1)],
    [262, short, shorts(2)],
    [273, long, longs(...strips.map((offset) => pixelsAt + offset))],
    [277, short, shorts(channels)],
    [278, long, longs(rowsPerStrip)],
    [279, long, longs(...strips.map((offset) => Math.min(stripBytes, data.length - offset)))],
    ...(channels === 4 ? [[338, short, shorts(2)] as [number, number, Buffer]] : []),
    [34675, undefinedType, iccProfile],
  ];
  const directoryBytes = (count: number): number => headerBytes + 2 + count * entryBytes + 4;
  const length = build(0).reduce((sum, [, , { length: bytes }]) => sum + bytes + (bytes & 1), 0);
  const tags = build(directoryBytes(build(0).length) + length);
  const head = Buffer.alloc(directoryBytes(tags.length));
  head.write("II*\0", "latin1");
  head.writeUInt32LE(headerBytes, 4);
  head.writeUInt16LE(tags.length, headerBytes);
  const values: Buffer[] = [];
  let at = head.length;
  for (const [index, [tag, type, value]] of tags.entries()) {
    const entry = headerBytes + 2 + index * entryBytes;
    head.writeUInt16LE(tag, entry);
    head.writeUInt16LE(type, entry + 2);
    head.writeUInt32LE(value.length / (typeBytes[type] ?? 1), entry + 4);
    if (value.length <= 4) value.copy(head, entry + 8);
    else head.writeUInt32LE(at, entry + 8);
    values.push(value, Buffer.alloc(value.length & 1));
    at += value.length + (value.length & 1);
  }
  return Buffer.concat([head, ...values, data]);
}
