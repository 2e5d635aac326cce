/** The structure of a JPEG by its markers (ITU-T T.81, annex B). */
export interface JpegStructure {
  /** Low byte of the marker of the frame: 0xc0 baseline, 0xc2 progressive, 0xc3 lossless. */
  readonly frameMarker: number;
  /** Offset of the frame's marker. */
  readonly frameOffset: number;
  /** Bits per sample. */
  readonly precision: number;
  readonly height: number;
  /** Number of rows of pixels that are coded together. */
  readonly unitRows: number;
  readonly componentIds: readonly number[];
  readonly scans: readonly JpegScan[];
}

export interface JpegScan {
  readonly componentIds: readonly number[];
  /** First and last coefficient of the scan, in zigzag order, both inclusive. */
  readonly firstCoefficient: number;
  readonly lastCoefficient: number;
  /** Number of low bits of these coefficients that are still missing after the scan. */
  readonly missingBits: number;
  /** A marker follows the scan, so it is complete. */
  readonly isFollowed: boolean;
}

const startOfScan = 0xda;
const endOfImage = 0xd9;

/** @returns null for a file with invalid markers before its first scan */
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

/** Whether a marker begins a frame (table B.1), also of JPEG-LS (0xf7). Tables have some of the markers in between. */
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

/** @param body content of the segment without its length */
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

/** Finds the marker that ends a scan. In the data of a scan, zero or a restart marker follows 0xff. */
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
