import { avGetPixFmtName, type Frame, type Stream } from "node-av/lib";
import type { AVPixelFormat } from "node-av/constants";

/** The field of a picture that was recorded first: the lines 0, 2, 4, … (top) or the others. */
export type FieldOrder = "top" | "bottom";

/** Detects interlaced pictures that are not flagged as interlaced. Cheap video grabbers store tapes in this way. */
export interface FieldWatch {
  /** Adds the next picture; every picture must be added, in order. */
  add(frame: Frame): void;
  /** The order of fields; null for progressive pictures, and when there is too little motion to decide. */
  order(): FieldOrder | null;
}

/** Number of compared columns, in pairs that are spread over the picture: different ones in each band of lines. */
const columnCount = 64;
const bandLines = 16;
const minHeight = 200;
/** Maximum of lines of a tape, and range of lines of an HDTV camcorder. Sizes between them are never interlaced. */
const maxTapeHeight = 576;
const minHighHeight = 1035;
const maxHeight = 1200;
/** Tapes have 25 or 30 pictures per second, of two fields each. */
const maxPicturesPerSecond = 31;
/** Difference of luma (of 255) between two pictures that counts as motion: more than the noise of a tape. */
const movingDifference = 16;
const minMovingPixels = 75;
/** Number of compared pairs of pictures that is enough when interlaced pictures were found. */
const enoughPairs = 16;
/** Number of pairs that is enough when none was interlaced, as in almost all clips. */
const enoughWholePairs = 4;
/** Pictures between the first pair and the next; more after each pair, since nothing can be measured without motion. */
const firstInterval = 4;
const minInterlacedPairs = 4;

/**
 * Whether the pictures of a stream may be interlaced. Rotated recordings, which are from phones, and streams with more
 * pictures per second than a tape are not.
 */
export function mayBeInterlaced(
  { avgFrameRate: { num, den } }: Pick<Stream, "avgFrameRate">,
  isRotated: boolean,
): boolean {
  return !isRotated && (den === 0 || num <= maxPicturesPerSecond * den);
}

/** Sums of combing over all moving pixels. */
interface Combing {
  readonly moving: number;
  /** Combing inside the second picture. */
  readonly own: number;
  /** Combing of its top lines with the bottom lines of the previous picture, and vice versa. */
  readonly topFirst: number;
  readonly bottomFirst: number;
}

/**
 * The two fields of an interlaced picture are 1/50 s apart. The first field is as close in time to the second field of
 * the previous picture as to its own other half, and the second field is three times as far from the previous first.
 * Combining fields of neighbouring pictures shows the order: one combination has no more combing than the picture itself,
 * the other far more. Of progressive pictures both combinations have the same combing, also where fine stripes or letters
 * move, and the picture itself has less. (FFmpeg's `idet` compares the same; it takes as long as decoding.)
 */
export function createFieldWatch(): FieldWatch {
  let pictureCount = 0;
  let pairCount = 0;
  let next = 0;
  let before: Sample | null = null;
  const counts = { top: 0, bottom: 0, whole: 0 };
  const isDecided = (): boolean => {
    const interlaced = counts.top + counts.bottom;
    return interlaced + counts.whole >= (interlaced === 0 ? enoughWholePairs : enoughPairs);
  };
  return {
    add(frame) {
      const index = pictureCount++;
      if (index < next || isDecided()) return;
      const sample = readSample(frame);
      if (before === null || sample === null || before.height !== sample.height) {
        before = sample;
        return;
      }
      const kind = classify(compare(before.luma, sample.luma, sample.height));
      if (kind !== null) counts[kind] += 1;
      before = null;
      pairCount += 1;
      next = index + firstInterval + pairCount ** 2 / 4;
    },
    order() {
      const order = counts.top > counts.bottom ? "top" : "bottom";
      const [interlaced, other] = [counts[order], counts.top + counts.bottom - counts[order]];
      return interlaced >= minInterlacedPairs && 2 * interlaced > counts.whole && interlaced > 9 * other
        ? order
        : null;
    },
  };
}

/** Measured: 1.5 to 2 for tapes with noise; at most 1.12 for progressive pictures, also with moving stripes and letters. */
const minInterlacedRatio = 1.25;
const maxWholeRatio = 0.7;

function classify({ moving, own, topFirst, bottomFirst }: Combing): FieldOrder | "whole" | null {
  if (moving < minMovingPixels) return null;
  const [less, more] = [Math.min(topFirst, bottomFirst), Math.max(topFirst, bottomFirst)];
  const combs = more > movingDifference * moving;
  if (combs && more >= minInterlacedRatio * less) return topFirst < bottomFirst ? "top" : "bottom";
  return own < maxWholeRatio * less ? "whole" : null;
}

interface Sample {
  /** `columnCount` values per line, top to bottom. */
  readonly luma: Uint8Array;
  readonly height: number;
}

/** Null for pictures whose luma is not in a separate plane, and for sizes that no tape has. */
function readSample(frame: Frame): Sample | null {
  const { width, height } = frame;
  if (!isTapeSize(width, height)) return null;
  const name = avGetPixFmtName(frame.format as AVPixelFormat) ?? "";
  const bits = Number(/p?(9|10|12|14|16)(le|be)$/.exec(name)?.[1] ?? 8);
  if (!/^(yuvj?a?4|nv|gray)/.test(name) || (bits > 8 && !/^yuva?4[24].*le$/.test(name))) return null;
  const [plane] = frame.data ?? [];
  if (plane === undefined) return null;
  const luma = new Uint8Array(columnCount * height);
  const stride = frame.linesize[0] ?? 0;
  for (let band = 0; band * bandLines < height; band += 1) {
    const first = band * bandLines;
    const lines = luma.subarray(first * columnCount, (first + bandLines) * columnCount);
    const columns = columnsOf(width, band);
    if (bits === 8) copyColumns(plane, first * stride, stride, columns, lines);
    else copyDeepColumns(plane, first * stride, stride, columns, bits - 8, lines);
  }
  return { luma, height };
}

function isTapeSize(width: number, height: number): boolean {
  const isTape = height >= minHeight && height <= maxTapeHeight;
  return (
    (isTape || (height >= minHighHeight && height <= maxHeight)) && width >= Math.max(height, columnCount)
  );
}

/** First column of each pair. The golden ratio shifts them from band to band, so that no edge is missed. */
function columnsOf(width: number, band: number): Int32Array {
  const step = (width - 1) / (columnCount / 2);
  const shift = (band * 0.618_034) % 1;
  return Int32Array.from({ length: columnCount / 2 }, (_, pair) => Math.floor((pair + shift) * step));
}

function copyColumns(
  plane: Uint8Array,
  start: number,
  stride: number,
  columns: Int32Array,
  luma: Uint8Array,
): void {
  for (let to = 0, line = start; to < luma.length; line += stride) {
    for (let pair = 0; pair < columns.length; pair += 1, to += 2) {
      const at = line + (columns[pair] as number);
      luma[to] = plane[at] as number;
      luma[to + 1] = plane[at + 1] as number;
    }
  }
}

/** Copies columns of samples of two bytes, the lower one first. */
function copyDeepColumns(
  plane: Uint8Array,
  start: number,
  stride: number,
  columns: Int32Array,
  shift: number,
  luma: Uint8Array,
): void {
  for (let to = 0, line = start; to < luma.length; line += stride) {
    for (let pair = 0; pair < columns.length; pair += 1, to += 2) {
      const at = line + 2 * (columns[pair] as number);
      luma[to] = ((plane[at] as number) | ((plane[at + 1] as number) << 8)) >> shift;
      luma[to + 1] = ((plane[at + 2] as number) | ((plane[at + 3] as number) << 8)) >> shift;
    }
  }
}

function compare(a: Uint8Array, b: Uint8Array, height: number): Combing {
  let [moving, own, even, odd] = [0, 0, 0, 0];
  for (let y = 1; y < height - 1; y += 1) {
    if (y % bandLines === 0 || y % bandLines === bandLines - 1) continue;
    const isTop = y % 2 === 0;
    for (let at = y * columnCount, end = at + columnCount; at < end; at += 1) {
      const one = a[at] as number;
      const other = b[at] as number;
      if (Math.abs(one - other) < movingDifference) continue;
      moving += 1;
      const aAround = (a[at - columnCount] as number) + (a[at + columnCount] as number);
      const bAround = (b[at - columnCount] as number) + (b[at + columnCount] as number);
      own += Math.abs(2 * other - bAround);
      const lateHere = Math.abs(2 * other - aAround);
      const lateAround = Math.abs(2 * one - bAround);
      even += isTop ? lateHere : lateAround;
      odd += isTop ? lateAround : lateHere;
    }
  }
  return { moving, own, topFirst: even, bottomFirst: odd };
}
