const unitsPerEm = 1000;
/** Offset of `checkSumAdjustment` in the table `head`. */
const adjustmentAt = 8;
const checksumOfFont = 0xb1b0afba;

/**
 * Makes a font with one glyph, which is empty and has no width. Format: TrueType in an sfnt wrapper (OpenType 1.9),
 * with minimal versions of the tables that FreeType requires.
 *
 * @param character code point of the glyph
 */
export function makeBlankFont(character: number): Buffer {
  const tables: readonly (readonly [tag: string, data: Buffer])[] = [
    ["cmap", cmap(character)],
    ["glyf", Buffer.alloc(4)],
    ["head", head()],
    ["hhea", hhea()],
    ["hmtx", Buffer.alloc(8)],
    ["loca", Buffer.alloc(6)],
    ["maxp", maxp()],
    ["post", uint16s([3, 0, ...Array.from({ length: 14 }, () => 0)])],
  ];
  const directory = Buffer.alloc(12 + tables.length * 16);
  // For 8 tables, the largest power of two is 8: search range, exponent and remainder follow from it.
  uint16s([0x0001, 0x0000, tables.length, 128, 3, 0]).copy(directory);
  let offset = directory.length;
  const padded = tables.map(([tag, data], index) => {
    const at = 12 + index * 16;
    directory.write(tag, at, "latin1");
    directory.writeUInt32BE(checksum(data), at + 4);
    directory.writeUInt32BE(offset, at + 8);
    directory.writeUInt32BE(data.length, at + 12);
    const table = Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
    offset += table.length;
    return { tag, table };
  });
  const font = Buffer.concat([directory, ...padded.map(({ table }) => table)]);
  const headIndex = tables.findIndex(([tag]) => tag === "head");
  const headAt = directory.readUInt32BE(12 + headIndex * 16 + 8);
  font.writeUInt32BE((checksumOfFont - checksum(font)) >>> 0, headAt + adjustmentAt);
  return font;
}

function uint16s(values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) buffer.writeUInt16BE(value & 0xffff, index * 2);
  return buffer;
}

/** Makes one subtable of format 12 with one group of one character. */
function cmap(character: number): Buffer {
  const header = uint16s([0, 1, 3, 10, 0, 12, 12, 0, 0, 28, 0, 0, 0, 1]);
  const group = Buffer.alloc(12);
  group.writeUInt32BE(character, 0);
  group.writeUInt32BE(character, 4);
  group.writeUInt32BE(1, 8);
  return Buffer.concat([header, group]);
}

function head(): Buffer {
  const magic = [0x5f0f, 0x3cf5];
  const dates = [0, 0, 0, 0, 0, 0, 0, 0];
  return uint16s([1, 0, 1, 0, 0, 0, ...magic, 0, unitsPerEm, ...dates, 0, 0, 0, 0, 0, 8, 2, 0, 0]);
}

function hhea(): Buffer {
  return uint16s([1, 0, 800, -200, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
}

function maxp(): Buffer {
  return uint16s([1, 0, 2, ...Array.from({ length: 13 }, () => 0)]);
}

function checksum(data: Buffer): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) {
    let word = 0;
    for (let j = 0; j < 4; j += 1) word = word * 256 + (data[i + j] ?? 0);
    sum = (sum + word) >>> 0;
  }
  return sum;
}
