/** The first directory of a TIFF (TIFF 6.0, section 2). */
export interface TiffDirectory {
  readonly littleEndian: boolean;
  /** Where it begins. */
  readonly offset: number;
  readonly entries: readonly TiffEntry[];
}

interface TiffEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Where its twelve bytes begin. */
  readonly offset: number;
}

const entryBytes = 12;
/** By type; those that numbers of ours have: BYTE, SHORT, LONG. */
const valueBytes: Readonly<Record<number, 1 | 2 | 4>> = { 1: 1, 3: 2, 4: 4 };

/** @returns null for a BigTIFF, and for a file without its directory */
export function readTiffDirectory(file: Buffer): TiffDirectory | null {
  const littleEndian = file.toString("latin1", 0, 2) === "II";
  if (file.length < 8 || readInteger(file, 2, 2, littleEndian) !== 42) return null;
  const offset = readInteger(file, 4, 4, littleEndian);
  if (offset + 2 > file.length) return null;
  const count = readInteger(file, offset, 2, littleEndian);
  if (offset + 2 + count * entryBytes + 4 > file.length) return null;
  const entries = Array.from({ length: count }, (_, index) => {
    const entry = offset + 2 + index * entryBytes;
    return {
      tag: readInteger(file, entry, 2, littleEndian),
      type: readInteger(file, entry + 2, 2, littleEndian),
      count: readInteger(file, entry + 4, 4, littleEndian),
      offset: entry,
    };
  });
  return { littleEndian, offset, entries };
}

/** Whole numbers of a tag; none where it is not there, or of another type. */
export function readTiffNumbers(file: Buffer, directory: TiffDirectory, tag: number): number[] {
  const { littleEndian, entries } = directory;
  const entry = entries.find((one) => one.tag === tag);
  const bytes = valueBytes[entry?.type ?? 0];
  if (entry === undefined || bytes === undefined) return [];
  const isInPlace = bytes * entry.count <= 4;
  const start = isInPlace ? entry.offset + 8 : readInteger(file, entry.offset + 8, 4, littleEndian);
  if (start + bytes * entry.count > file.length) return [];
  return Array.from({ length: entry.count }, (_, index) =>
    readInteger(file, start + index * bytes, bytes, littleEndian),
  );
}

/** Types of TIFF 6.0 and its supplements, and those of BigTIFF. */
const knownTypes: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18]);
const firstPrivateTag = 32_768;
const iccProfileTag = 34_675;

/**
 * A copy whose first directory has no private tags, but for the colour profile, and none of a type that nobody knows:
 * scanners and cameras write such, libtiff takes offence, and none of them changes a pixel.
 *
 * @returns null where there are none, and where the directory cannot be read
 */
export function dropPrivateTags(file: Buffer): Buffer | null {
  const directory = readTiffDirectory(file);
  if (directory === null) return null;
  const { littleEndian, offset, entries } = directory;
  const kept = entries.filter(
    ({ tag, type }) => knownTypes.has(type) && (tag < firstPrivateTag || tag === iccProfileTag),
  );
  if (kept.length === entries.length) return null;
  const copy = Buffer.from(file);
  writeInteger(copy, kept.length, offset, 2, littleEndian);
  for (const [index, entry] of kept.entries()) {
    file.copy(copy, offset + 2 + index * entryBytes, entry.offset, entry.offset + entryBytes);
  }
  const next = offset + 2 + entries.length * entryBytes;
  file.copy(copy, offset + 2 + kept.length * entryBytes, next, next + 4);
  return copy;
}

/** Writes one number in the place of a tag's value; its type becomes LONG. */
export function setTiffNumber(file: Buffer, directory: TiffDirectory, tag: number, value: number): void {
  const entry = directory.entries.find((one) => one.tag === tag);
  if (entry === undefined) return;
  writeInteger(file, 4, entry.offset + 2, 2, directory.littleEndian);
  writeInteger(file, value, entry.offset + 8, 4, directory.littleEndian);
}

function readInteger(file: Buffer, offset: number, bytes: 1 | 2 | 4, littleEndian: boolean): number {
  return littleEndian ? file.readUIntLE(offset, bytes) : file.readUIntBE(offset, bytes);
}

function writeInteger(
  file: Buffer,
  value: number,
  offset: number,
  bytes: 2 | 4,
  littleEndian: boolean,
): void {
  if (littleEndian) file.writeUIntLE(value, offset, bytes);
  else file.writeUIntBE(value, offset, bytes);
}
