import { KeepsakeError } from "../../../errors.js";

/** Of a file in ISO base media format (ISO/IEC 14496-12, 4.2): where its content lies. */
export interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Boxes one after another between two places. What follows the last whole one is no box: phones append what they like.
 */
export function* readBoxes(file: Buffer, start: number, end: number): Generator<Box> {
  for (let offset = start; offset + 8 <= end;) {
    const shortSize = file.readUInt32BE(offset);
    const type = file.toString("latin1", offset + 4, offset + 8);
    const long = shortSize === 1 && offset + 16 <= end;
    const header = long ? 16 : 8;
    const size = long ? Number(file.readBigUInt64BE(offset + 8)) : shortSize === 0 ? end - offset : shortSize;
    if (size < header || offset + size > end) return;
    yield { type, start: offset + header, end: offset + size };
    offset += size;
  }
}

export function findBox(file: Buffer, { start, end }: Pick<Box, "start" | "end">, type: string): Box | null {
  for (const box of readBoxes(file, start, end)) if (box.type === type) return box;
  return null;
}

/** Reads big-endian numbers one after another; a box that ends too soon is damage. */
export interface BoxReader {
  /** @param bytes 0 to 8; the value of none is 0 */
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
  const take = (bytes: number): number => {
    if (at + bytes > box.end) throw damaged();
    at += bytes;
    return at - bytes;
  };
  return {
    uint(bytes) {
      if (bytes > 6 && bytes !== 8) throw damaged();
      const place = take(bytes);
      if (bytes === 8) return Number(file.readBigUInt64BE(place));
      return bytes === 0 ? 0 : file.readUIntBE(place, bytes);
    },
    signed32: () => file.readInt32BE(take(4)),
    signed64: () => Number(file.readBigInt64BE(take(8))),
    text(bytes) {
      const place = take(bytes);
      return file.toString("latin1", place, place + bytes);
    },
    skip: (bytes) => void take(bytes),
    get at() {
      return at;
    },
    get left() {
      return box.end - at;
    },
  };
}

function damaged(): KeepsakeError {
  return new KeepsakeError("media-damaged", "The photo's description is damaged.");
}
