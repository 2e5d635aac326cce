/** One field of a TIFF directory (TIFF 6.0, section 2). */
export interface TiffField {
  readonly type: number;
  readonly count: number;
  /** The bytes of its values; shorter than they should be where the data ends. */
  readonly bytes: Buffer;
}

/** A directory: its fields by their tags, and where the next one begins (0 for none). */
export interface TiffDirectory {
  readonly fields: ReadonlyMap<number, TiffField>;
  readonly next: number;
}

export interface TiffReader {
  readonly firstDirectory: number;
  /** Null where there is no directory at this place. */
  directory(offset: number): TiffDirectory | null;
  /** The whole numbers of a field (BYTE, SHORT, LONG, IFD), at most `maxNumbers`. */
  numbers(field: TiffField | undefined): readonly number[];
  /** The first of them; null where there is none. */
  number(field: TiffField | undefined): number | null;
}

/** Bytes of each type of value, by its number in TIFF 6.0; 13 is IFD of TIFF/EP. */
const typeBytes: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];
const unsignedTypes: ReadonlySet<number> = new Set([1, 3, 4, 13]);
const maxNumbers = 100_000;
const headerBytes = 8;
const entryBytes = 12;

/**
 * Reads the structure of a TIFF, or of an EXIF block, which has the same (Exif 3.0, 4.5). Nothing of it is believed: what
 * lies outside of the data is not there.
 *
 * @returns null for data that is no TIFF; BigTIFF is none
 */
export function readTiff(data: Buffer): TiffReader | null {
  if (data.length < headerBytes) return null;
  const order = data.toString("latin1", 0, 2);
  const isLittle = order === "II";
  if (!isLittle && order !== "MM") return null;
  const uint = (offset: number, bytes: number): number =>
    isLittle ? data.readUIntLE(offset, bytes) : data.readUIntBE(offset, bytes);
  if (uint(2, 2) !== 42) return null;
  const readField = (entry: number): TiffField => {
    const [type, count] = [uint(entry + 2, 2), uint(entry + 4, 4)];
    const length = (typeBytes[type] ?? 0) * count;
    const start = length <= 4 ? entry + 8 : uint(entry + 8, 4);
    return { type, count, bytes: data.subarray(start, Math.min(data.length, start + length)) };
  };
  const numbers = (field: TiffField | undefined): readonly number[] => {
    if (field === undefined || !unsignedTypes.has(field.type)) return [];
    const size = typeBytes[field.type] ?? 1;
    const count = Math.min(field.count, Math.floor(field.bytes.length / size), maxNumbers);
    return Array.from({ length: count }, (_, index) =>
      isLittle ? field.bytes.readUIntLE(index * size, size) : field.bytes.readUIntBE(index * size, size),
    );
  };
  return {
    firstDirectory: uint(4, 4),
    directory(offset) {
      if (offset < headerBytes || offset + 2 > data.length) return null;
      const count = Math.min(uint(offset, 2), Math.floor((data.length - offset - 2) / entryBytes));
      const entries = Array.from({ length: count }, (_, index) => offset + 2 + index * entryBytes);
      const end = offset + 2 + count * entryBytes;
      return {
        fields: new Map(entries.map((entry) => [uint(entry, 2), readField(entry)])),
        next: end + 4 <= data.length ? uint(end, 4) : 0,
      };
    },
    numbers,
    number: (field) => numbers(field)[0] ?? null,
  };
}
