import { brotliDecompressSync } from "node:zlib";

/** Tags of the WOFF2 table directory that have a number instead of four letters; `cmap` is the first. */
const cmapTag = 0;
const glyfTag = 10;
const locaTag = 11;
const arbitraryTag = 63;
/** First four bytes of a TrueType file. */
const trueType = 0x00010000;
const formatSegments = 4;
const formatGroups = 12;

/**
 * Reads the characters for which a font file has a glyph, with those glyphs. The unicode-range that a web font
 * declares only limits what it is used for; for a character that the font lacks, Skia would use a font of the
 * machine.
 *
 * Formats: WOFF2 (W3C), OpenType `cmap` subtable formats 4 and 12.
 *
 * @param file a `.woff2` or `.ttf` file with one font in it
 */
export function readFontCharacters(file: Buffer): Map<number, number> {
  const cmap = isTrueType(file) ? findCmapTable(file) : readCmapTable(file);
  const glyphs = new Map<number, number>();
  const subtableCount = cmap.readUInt16BE(2);
  for (let i = 0; i < subtableCount; i += 1) {
    const subtable = cmap.subarray(cmap.readUInt32BE(4 + i * 8 + 4));
    const format = subtable.readUInt16BE(0);
    if (format === formatSegments) addSegments(subtable, glyphs);
    if (format === formatGroups) addGroups(subtable, glyphs);
  }
  return glyphs;
}

export function isTrueType(file: Buffer): boolean {
  return file.readUInt32BE(0) === trueType;
}

function findCmapTable(file: Buffer): Buffer {
  const tableCount = file.readUInt16BE(4);
  for (let at = 12; at < 12 + tableCount * 16; at += 16) {
    if (file.toString("latin1", at, at + 4) !== "cmap") continue;
    const start = file.readUInt32BE(at + 8);
    return file.subarray(start, start + file.readUInt32BE(at + 12));
  }
  throw new Error("A bundled font has no table of its characters.");
}

function readCmapTable(file: Buffer): Buffer {
  if (file.toString("latin1", 0, 4) !== "wOF2") throw new Error("A bundled font is not a WOFF2 file.");
  const tableCount = file.readUInt16BE(12);
  const compressedSize = file.readUInt32BE(20);
  const reader = { offset: 48 };
  let sizeBefore = 0;
  let cmap: { start: number; size: number } | null = null;
  for (let i = 0; i < tableCount; i += 1) {
    const flags = file.readUInt8(reader.offset);
    reader.offset += 1;
    const tag = flags & 0x3f;
    const transform = flags >> 6;
    if (tag === arbitraryTag) reader.offset += 4;
    const plainSize = readBase128(file, reader);
    const isGlyphTable = tag === glyfTag || tag === locaTag;
    const isTransformed = isGlyphTable ? transform !== 3 : transform !== 0;
    const size = isTransformed ? readBase128(file, reader) : plainSize;
    if (tag === cmapTag) cmap = { start: sizeBefore, size };
    sizeBefore += size;
  }
  if (cmap === null) throw new Error("A bundled font has no table of its characters.");
  const tables = brotliDecompressSync(file.subarray(reader.offset, reader.offset + compressedSize));
  return tables.subarray(cmap.start, cmap.start + cmap.size);
}

/** Reads a UIntBase128 of WOFF2: seven bits per byte; the high bit means that another byte follows. */
function readBase128(file: Buffer, reader: { offset: number }): number {
  let value = 0;
  for (let i = 0; i < 5; i += 1) {
    const byte = file.readUInt8(reader.offset);
    reader.offset += 1;
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) return value;
  }
  throw new Error("A bundled font has a broken table directory.");
}

function addSegments(subtable: Buffer, glyphs: Map<number, number>): void {
  const doubledCount = subtable.readUInt16BE(6);
  const ends = 14;
  const starts = ends + doubledCount + 2;
  const deltas = starts + doubledCount;
  const rangeOffsets = deltas + doubledCount;
  for (let i = 0; i < doubledCount; i += 2) {
    const end = subtable.readUInt16BE(ends + i);
    const start = subtable.readUInt16BE(starts + i);
    const delta = subtable.readUInt16BE(deltas + i);
    const rangeOffset = subtable.readUInt16BE(rangeOffsets + i);
    for (let character = start; character <= end && character !== 0xffff; character += 1) {
      const glyphAt = rangeOffsets + i + rangeOffset + (character - start) * 2;
      const listed =
        rangeOffset === 0 ? character : glyphAt + 1 < subtable.length ? subtable.readUInt16BE(glyphAt) : 0;
      const glyph = rangeOffset !== 0 && listed === 0 ? 0 : (listed + delta) & 0xffff;
      if (glyph !== 0) glyphs.set(character, glyph);
    }
  }
}

function addGroups(subtable: Buffer, glyphs: Map<number, number>): void {
  const groupCount = subtable.readUInt32BE(12);
  for (let i = 0; i < groupCount; i += 1) {
    const start = subtable.readUInt32BE(16 + i * 12);
    const end = subtable.readUInt32BE(16 + i * 12 + 4);
    const firstGlyph = subtable.readUInt32BE(16 + i * 12 + 8);
    for (let character = start; character <= end; character += 1) {
      glyphs.set(character, firstGlyph + character - start);
    }
  }
}
