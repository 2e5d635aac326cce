/**
 * Reads the boxes of ISO base media files (ISO/IEC 14496-12, 4.2): MP4, QuickTime, HEIF, JPEG XL. A box is a size, a
 * type of four characters and content, which may again be boxes. Files are not trusted: bytes that are not a box end a list.
 */
import type { FileHandle } from "node:fs/promises";

export interface Box {
  readonly type: string;
  /** First byte of the content, counted from the start of the file or buffer. */
  readonly start: number;
  /** First byte after the box. */
  readonly end: number;
}

/** Reads `length` bytes from `position` on; fewer at the end of the file. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

const shortHeaderBytes = 8;
const longHeaderBytes = 16;

/** Yields the boxes between two positions. Bytes after the last whole box are ignored: phones append their own data. */
export function* readBoxes(file: Buffer, start: number, end: number): Generator<Box> {
  for (let offset = start; offset + shortHeaderBytes <= end;) {
    const box = parseHeader(file.subarray(offset, Math.min(end, offset + longHeaderBytes)), offset, end);
    if (box === null || box.end > end) return;
    yield box;
    offset = box.end;
  }
}

/**
 * Yields the boxes at the top level of a file, without their content. The last box may extend past the end of the file. If
 * it ends before the end of the file, the bytes after it are not a box.
 */
export async function* readFileBoxes(readAt: ReadAt, fileBytes: number): AsyncGenerator<Box> {
  for (let offset = 0; offset + shortHeaderBytes <= fileBytes;) {
    const box = parseHeader(await readAt(offset, longHeaderBytes), offset, fileBytes);
    if (box === null) return;
    yield box;
    offset = box.end;
  }
}

/** @param end end of a box of size 0 */
function parseHeader(header: Buffer, offset: number, end: number): Box | null {
  if (header.length < shortHeaderBytes) return null;
  const shortSize = header.readUInt32BE(0);
  const isLong = shortSize === 1 && header.length === longHeaderBytes;
  const headerBytes = isLong ? longHeaderBytes : shortHeaderBytes;
  const size = isLong ? Number(header.readBigUInt64BE(8)) : shortSize === 0 ? end - offset : shortSize;
  if (size < headerBytes) return null;
  return { type: header.toString("latin1", 4, 8), start: offset + headerBytes, end: offset + size };
}

export function fileReader(file: FileHandle): ReadAt {
  return async (position, length) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  };
}

export function findBox(file: Buffer, { start, end }: Pick<Box, "start" | "end">, type: string): Box | null {
  for (const box of readBoxes(file, start, end)) if (box.type === type) return box;
  return null;
}

/** Reads the big-endian fields of a box one after another. Each function throws a RangeError past the end of the box. */
export interface BoxReader {
  /** @param bytes 0 to 6, or 8; a field of 0 bytes is 0 */
  uint(bytes: number): number;
  signed32(): number;
  signed64(): number;
  text(bytes: number): string;
  skip(bytes: number): void;
  readonly at: number;
  readonly left: number;
}

export function createBoxReader(file: Buffer, box: Pick<Box, "start" | "end">): BoxReader {
  let at = box.start;
  const advance = (bytes: number): number => {
    if (at + bytes > box.end) throw new RangeError("The box ends before its last field.");
    at += bytes;
    return at - bytes;
  };
  return {
    uint(bytes) {
      if (bytes > 6 && bytes !== 8) throw new RangeError(`A field of ${bytes} bytes is not supported.`);
      const position = advance(bytes);
      if (bytes === 8) return Number(file.readBigUInt64BE(position));
      return bytes === 0 ? 0 : file.readUIntBE(position, bytes);
    },
    signed32: () => file.readInt32BE(advance(4)),
    signed64: () => Number(file.readBigInt64BE(advance(8))),
    text(bytes) {
      const position = advance(bytes);
      return file.toString("latin1", position, position + bytes);
    },
    skip: (bytes) => void advance(bytes),
    get at() {
      return at;
    },
    get left() {
      return box.end - at;
    },
  };
}
