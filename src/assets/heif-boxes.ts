/** What HEIF files say in their boxes (ISO/IEC 14496-12 and 23008-12) that the decoder does not tell. */

interface Box {
  readonly type: string;
  /** Of the box's content in the file. */
  readonly start: number;
  readonly end: number;
}

/** Boxes one after another between two places; the last may claim to end after `end`. */
function* readBoxes(file: Buffer, start: number, end: number): Generator<Box> {
  for (let offset = start; offset + 8 <= end;) {
    const shortSize = file.readUInt32BE(offset);
    const type = file.toString("latin1", offset + 4, offset + 8);
    const long = shortSize === 1 && offset + 16 <= end;
    const header = long ? 16 : 8;
    const size = long ? Number(file.readBigUInt64BE(offset + 8)) : shortSize === 0 ? end - offset : shortSize;
    if (size < header) return;
    yield { type, start: offset + header, end: offset + size };
    offset += size;
  }
}

/** False for a file that was cut: a box reaches past its end. */
export function isWholeHeif(file: Buffer): boolean {
  let reached = 0;
  for (const box of readBoxes(file, 0, file.length)) {
    if (box.end > file.length) return false;
    reached = box.end;
  }
  return reached > 0;
}

export interface HeifColour {
  readonly iccProfile: Buffer | null;
  /** Colour primaries of ITU-T H.273: 1 is BT.709 and sRGB, 12 is Display P3; null where none are given. */
  readonly primaries: number | null;
}

const metaHeaderBytes = 4;

/** The first colour information of each kind; pictures of one file have the same in practice. */
export function readHeifColour(file: Buffer): HeifColour {
  let iccProfile: Buffer | null = null;
  let primaries: number | null = null;
  for (const box of findColourBoxes(file)) {
    const type = file.toString("latin1", box.start, box.start + 4);
    if (type === "prof" || type === "rICC") iccProfile ??= file.subarray(box.start + 4, box.end);
    if (type === "nclx" && box.end - box.start >= 6) primaries ??= file.readUInt16BE(box.start + 4);
  }
  return { iccProfile, primaries };
}

/** meta → iprp → ipco → colr */
function* findColourBoxes(file: Buffer): Generator<Box> {
  for (const meta of readBoxes(file, 0, file.length)) {
    if (meta.type !== "meta") continue;
    for (const properties of readBoxes(file, meta.start + metaHeaderBytes, Math.min(meta.end, file.length))) {
      if (properties.type !== "iprp") continue;
      for (const container of readBoxes(file, properties.start, Math.min(properties.end, file.length))) {
        if (container.type !== "ipco") continue;
        for (const property of readBoxes(file, container.start, Math.min(container.end, file.length))) {
          if (property.type === "colr" && property.end <= file.length) yield property;
        }
      }
    }
  }
}
