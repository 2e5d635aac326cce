import { entryBytes, readFirstDirectory } from "../read-tiff.js";

/** Types of TIFF 6.0 and its supplements, and those of BigTIFF. */
const knownTypes: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18]);
const firstPrivateTag = 32_768;
const iccProfileTag = 34_675;
const longType = 4;

/**
 * Copies a TIFF without the private tags of its first directory, except the colour profile, and without fields of unknown
 * types. Scanners and cameras write them, libtiff rejects them, and none of them changes a pixel.
 *
 * @returns null when there are none, and when the directory cannot be read
 */
export function dropPrivateTags(file: Buffer): Buffer | null {
  const first = readFirstDirectory(file);
  if (first === null) return null;
  const { tiff, directory } = first;
  const { offset, entries } = directory;
  const known = entries.filter(
    ({ tag, type }) => knownTypes.has(type) && (tag < firstPrivateTag || tag === iccProfileTag),
  );
  if (known.length === entries.length) return null;
  const copy = Buffer.from(file);
  writeInteger(copy, { value: known.length, offset, bytes: 2 }, tiff.isLittleEndian);
  for (const [index, entry] of known.entries()) {
    file.copy(copy, offset + 2 + index * entryBytes, entry.offset, entry.offset + entryBytes);
  }
  const next = offset + 2 + entries.length * entryBytes;
  file.copy(copy, offset + 2 + known.length * entryBytes, next, next + 4);
  return copy;
}

/** Copies a TIFF with another number in a field of its first directory; the field's type becomes LONG. */
export function withTiffNumber(file: Buffer, tag: number, value: number): Buffer {
  const copy = Buffer.from(file);
  const first = readFirstDirectory(file);
  const entry = first?.directory.fields.get(tag);
  if (first === null || entry === undefined) return copy;
  writeInteger(copy, { value: longType, offset: entry.offset + 2, bytes: 2 }, first.tiff.isLittleEndian);
  writeInteger(copy, { value, offset: entry.offset + 8, bytes: 4 }, first.tiff.isLittleEndian);
  return copy;
}

function writeInteger(
  file: Buffer,
  { value, offset, bytes }: { readonly value: number; readonly offset: number; readonly bytes: 2 | 4 },
  isLittleEndian: boolean,
): void {
  if (isLittleEndian) file.writeUIntLE(value, offset, bytes);
  else file.writeUIntBE(value, offset, bytes);
}
