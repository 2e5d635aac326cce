const groupSize = 12;

/**
 * Makes a font without some of its characters: their glyphs stay, but no character leads to them. Format: OpenType
 * table `cmap` with one subtable of format 12, appended to the file in place of the old one.
 *
 * @param font a TrueType file
 * @param glyphs glyphs of its characters
 */
export function removeCharacters(
  font: Buffer,
  glyphs: ReadonlyMap<number, number>,
  isLeftOut: (character: number) => boolean,
): Buffer {
  const remaining = [...glyphs].filter(([character]) => !isLeftOut(character)).toSorted(([a], [b]) => a - b);
  const cmap = Buffer.alloc(12 + 16 + remaining.length * groupSize);
  cmap.writeUInt16BE(1, 2);
  // Windows, all of Unicode.
  cmap.writeUInt16BE(3, 4);
  cmap.writeUInt16BE(10, 6);
  cmap.writeUInt32BE(12, 8);
  cmap.writeUInt16BE(12, 12);
  cmap.writeUInt32BE(cmap.length - 12, 16);
  cmap.writeUInt32BE(remaining.length, 24);
  for (const [index, [character, glyph]] of remaining.entries()) {
    const at = 28 + index * groupSize;
    cmap.writeUInt32BE(character, at);
    cmap.writeUInt32BE(character, at + 4);
    cmap.writeUInt32BE(glyph, at + 8);
  }
  const limited = Buffer.concat([font, Buffer.alloc(-font.length & 3), cmap]);
  const tableCount = font.readUInt16BE(4);
  for (let at = 12; at < 12 + tableCount * 16; at += 16) {
    if (font.toString("latin1", at, at + 4) !== "cmap") continue;
    limited.writeUInt32BE(limited.length - cmap.length, at + 8);
    limited.writeUInt32BE(cmap.length, at + 12);
  }
  return limited;
}
