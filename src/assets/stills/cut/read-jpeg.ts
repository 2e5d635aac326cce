/** What the markers of a JPEG say (ITU-T T.81, annex B). */
export interface JpegStructure {
  /** Low byte of the marker of its frame: 0xc0 baseline, 0xc2 progressive, 0xc3 lossless. */
  readonly frameMarker: number;
  /** Where the frame's segment begins, at its marker. */
  readonly frameOffset: number;
  /** Bits a sample. */
  readonly precision: number;
  readonly height: number;
  /** Rows of pixels that are coded together. */
  readonly unitRows: number;
  readonly componentIds: readonly number[];
  readonly scans: readonly JpegScan[];
}

export interface JpegScan {
  readonly componentIds: readonly number[];
  /** Of the coefficients in it, in zigzag order, both inclusive. */
  readonly firstCoefficient: number;
  readonly lastCoefficient: number;
  /** How many of their lowest bits are still missing after it. */
  readonly missingBits: number;
  /** A marker follows it: it did not end with the file. */
  readonly isFollowed: boolean;
}

const startOfScan = 0xda;
const endOfImage = 0xd9;

/** @returns null for a file whose markers make no sense before its first scan */
export function readJpeg(file: Buffer): JpegStructure | null {
  let frame: Omit<JpegStructure, "scans"> | null = null;
  const scans: JpegScan[] = [];
  let at = 2;
  while (at + 4 <= file.length && file[at] === 0xff) {
    const marker = file[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === endOfImage) break;
    const end = at + 2 + file.readUInt16BE(at + 2);
    if (end > file.length) break;
    if (isFrame(marker) && frame === null) frame = readFrame(file, at, marker, end);
    if (marker !== startOfScan) {
      at = end;
      continue;
    }
    const next = findMarker(file, end);
    scans.push(readScan(file.subarray(at + 4, end), next !== null));
    at = next ?? file.length;
  }
  return frame === null || scans.length === 0 ? null : { ...frame, scans };
}

/** Frames of all kinds (table B.1), of JPEG-LS too (0xf7); not tables that lie among their markers. */
function isFrame(marker: number): boolean {
  return (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) || marker === 0xf7;
}

function readFrame(
  file: Buffer,
  at: number,
  frameMarker: number,
  end: number,
): Omit<JpegStructure, "scans"> | null {
  if (end - at < 10) return null;
  const count = Math.min(file[at + 9] ?? 0, Math.floor((end - at - 10) / 3));
  const components = Array.from({ length: count }, (_, index) => at + 10 + index * 3);
  const verticals = components.map((component) => (file[component + 1] ?? 0) & 15);
  return {
    frameMarker,
    frameOffset: at,
    precision: file[at + 4] ?? 0,
    height: file.readUInt16BE(at + 5),
    unitRows: 8 * Math.max(1, ...verticals),
    componentIds: components.map((component) => file[component] ?? 0),
  };
}

/** @param body of its segment, without its length */
function readScan(body: Buffer, isFollowed: boolean): JpegScan {
  const count = body[0] ?? 0;
  const rest = 1 + count * 2;
  return {
    componentIds: Array.from({ length: count }, (_, index) => body[1 + index * 2] ?? 0),
    firstCoefficient: body[rest] ?? 0,
    lastCoefficient: Math.min(63, body[rest + 1] ?? 0),
    missingBits: (body[rest + 2] ?? 0) & 15,
    isFollowed,
  };
}

/** The marker that ends a scan; in its data, 0xff is followed by zero or by a restart marker. */
function findMarker(file: Buffer, start: number): number | null {
  for (
    let at = file.indexOf(0xff, start);
    at !== -1 && at + 1 < file.length;
    at = file.indexOf(0xff, at + 1)
  ) {
    const next = file[at + 1] ?? 0;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return null;
}
