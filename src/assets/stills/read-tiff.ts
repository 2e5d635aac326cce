/** One field of a TIFF directory (TIFF 6.0, section 2). */
export interface TiffField {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Offset of the field's twelve bytes in the data. */
  readonly offset: number;
  /** Bytes of the values; fewer than there should be when the data ends within them. */
  readonly bytes: Buffer;
}

export interface TiffDirectory {
  /** Offset of the directory in the data. */
  readonly offset: number;
  /** All fields in their order. */
  readonly entries: readonly TiffField[];
  /** The first field of each tag. */
  readonly fields: ReadonlyMap<number, TiffField>;
  /** Offset of the next directory; 0 for none. */
  readonly next: number;
  /** Whether the data contains the whole directory. */
  readonly isWhole: boolean;
}

export interface TiffReader {
  readonly isLittleEndian: boolean;
  /** Offset of the first directory. */
  readonly firstDirectory: number;
  /** @returns null when there is no directory at this offset */
  directory(offset: number): TiffDirectory | null;
  /** The values of a field with unsigned integers; none when the field or a part of its values is missing. */
  numbers(field: TiffField | undefined): readonly number[];
  /** The first of these values, or null. */
  number(field: TiffField | undefined): number | null;
}

/** Bytes of a value by its type in TIFF 6.0; 13 is IFD of TIFF/EP. */
const typeBytes: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];
/** BYTE, SHORT, LONG and IFD. */
const unsignedTypes: ReadonlySet<number> = new Set([1, 3, 4, 13]);
const maxNumbers = 1_000_000;
const headerBytes = 8;
export const entryBytes = 12;

/**
 * Reads the structure of a TIFF, or of an EXIF block, which has the same structure (Exif 3.0, 4.5). The data is not
 * trusted: fields outside it are missing.
 *
 * @returns null for data that is no TIFF; BigTIFF is not supported
 */
export function readTiff(data: Buffer): TiffReader | null {
  if (data.length < headerBytes) return null;
  const order = data.toString("latin1", 0, 2);
  const isLittleEndian = order === "II";
  if (!isLittleEndian && order !== "MM") return null;
  const uint = (offset: number, bytes: number, from = data): number =>
    isLittleEndian ? from.readUIntLE(offset, bytes) : from.readUIntBE(offset, bytes);
  if (uint(2, 2) !== 42) return null;
  const readField = (offset: number): TiffField => {
    const [tag, type, count] = [uint(offset, 2), uint(offset + 2, 2), uint(offset + 4, 4)];
    const length = (typeBytes[type] ?? 0) * count;
    const start = length <= 4 ? offset + 8 : uint(offset + 8, 4);
    return { tag, type, count, offset, bytes: data.subarray(start, Math.min(data.length, start + length)) };
  };
  const numbers = (field: TiffField | undefined): readonly number[] => {
    if (field === undefined || !unsignedTypes.has(field.type) || field.count > maxNumbers) return [];
    const size = typeBytes[field.type] ?? 1;
    if (field.bytes.length < size * field.count) return [];
    return Array.from({ length: field.count }, (_, index) => uint(index * size, size, field.bytes));
  };
  return {
    isLittleEndian,
    firstDirectory: uint(4, 4),
    directory(offset) {
      if (offset < headerBytes || offset + 2 > data.length) return null;
      const claimed = uint(offset, 2);
      const count = Math.min(claimed, Math.floor((data.length - offset - 2) / entryBytes));
      const entries = Array.from({ length: count }, (_, index) => readField(offset + 2 + index * entryBytes));
      const end = offset + 2 + count * entryBytes;
      const hasNext = end + 4 <= data.length;
      const fields = new Map<number, TiffField>();
      for (const field of entries) if (!fields.has(field.tag)) fields.set(field.tag, field);
      return {
        offset,
        entries,
        fields,
        next: hasNext ? uint(end, 4) : 0,
        isWhole: count === claimed && hasNext,
      };
    },
    numbers,
    number: (field) => numbers(field)[0] ?? null,
  };
}

/** The first picture of a TIFF. @returns null for a file that is no TIFF, or that lacks a part of its first directory */
export function readFirstDirectory(
  file: Buffer,
): { readonly tiff: TiffReader; readonly directory: TiffDirectory } | null {
  const tiff = readTiff(file);
  const directory = tiff?.directory(tiff.firstDirectory) ?? null;
  return tiff === null || directory === null || !directory.isWhole ? null : { tiff, directory };
}
