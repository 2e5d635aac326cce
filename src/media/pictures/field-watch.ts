import { avGetPixFmtName, type Frame, type Stream } from "node-av/lib";
import type { AVPixelFormat } from "node-av/constants";

/** Which of a picture's two fields was taken first: the lines 0, 2, 4, … (top) or the others. */
export type FieldOrder = "top" | "bottom";

/** Finds out whether pictures that do not say so are woven of two fields each, as cheap grabbers store tapes. */
export interface FieldWatch {
  /** Takes every picture, in order. */
  look(frame: Frame): void;
  /** Null for pictures that are whole, and where too little moves to tell. */
  order(): FieldOrder | null;
}

/** Columns that are looked at, in pairs that are spread over the picture: other ones in each band of lines. */
const columnCount = 64;
const bandLines = 16;
const minHeight = 200;
/** Lines of a tape, and from which number on and up to which a camcorder for HDTV has them. Nothing between is woven. */
const maxTapeHeight = 576;
const minHighHeight = 1035;
const maxHeight = 1200;
/** Tapes have 25 or 30 pictures of two fields a second. */
const maxPicturesPerSecond = 31;
/** Between two pictures, of 255: more than the noise of a tape. */
const movingDifference = 16;
const minMovingPixels = 75;
/** Pairs of pictures after which a clip is known well enough. */
const enoughPairs = 16;
/** And of whole pictures, where none was woven: almost all clips. */
const enoughWholePairs = 4;
/** Pictures between the first pair and the next; more with each pair, as where nothing moves there is nothing to see. */
const firstInterval = 4;
const minWovenPairs = 4;

/**
 * True where the pictures of a stream may be woven: what was filmed by phones, upright or turned, and what has more
 * pictures than a tape, is not.
 */
export function mayBeInterlaced(
  { avgFrameRate: { num, den } }: Pick<Stream, "avgFrameRate">,
  isTurned: boolean,
): boolean {
  return !isTurned && (den === 0 || num <= maxPicturesPerSecond * den);
}

/** Sums of combing over what moves. */
interface Combing {
  readonly moving: number;
  /** Inside of the second picture. */
  readonly own: number;
  /** Of its top lines with the bottom lines of the picture before, and the other way round. */
  readonly topFirst: number;
  readonly bottomFirst: number;
}

/**
 * Of two fields that were taken 1/50 s apart, one is as near in time to a field of the picture before as to its own
 * other half, and the other is three times as far away. Weaving fields of neighbouring pictures shows which: that way
 * combs no more than the picture does itself, the opposite way far more. Pictures that are whole comb alike both ways,
 * also where fine stripes or letters move, and by themselves less. (FFmpeg's `idet` compares the same; it takes as
 * long as decoding.)
 */
export function createFieldWatch(): FieldWatch {
  let pictureCount = 0;
  let pairCount = 0;
  let next = 0;
  let before: Sample | null = null;
  const seen = { top: 0, bottom: 0, whole: 0 };
  const isDecided = (): boolean => {
    const woven = seen.top + seen.bottom;
    return woven + seen.whole >= (woven === 0 ? enoughWholePairs : enoughPairs);
  };
  return {
    look(frame) {
      const index = pictureCount++;
      if (index < next || isDecided()) return;
      const sample = takeSample(frame);
      if (before === null || sample === null || before.height !== sample.height) {
        before = sample;
        return;
      }
      const verdict = judge(compare(before.luma, sample.luma, sample.height));
      if (verdict !== null) seen[verdict] += 1;
      before = null;
      pairCount += 1;
      next = index + firstInterval + pairCount ** 2 / 4;
    },
    order() {
      const order = seen.top > seen.bottom ? "top" : "bottom";
      const [woven, other] = [seen[order], seen.top + seen.bottom - seen[order]];
      return woven >= minWovenPairs && 2 * woven > seen.whole && woven > 9 * other ? order : null;
    },
  };
}

/** Of tapes with noise it was 1.5 to 2, of whole pictures, moving stripes and letters among them, at most 1.12. */
const minWovenRatio = 1.25;
const maxWholeRatio = 0.7;

function judge({ moving, own, topFirst, bottomFirst }: Combing): FieldOrder | "whole" | null {
  if (moving < minMovingPixels) return null;
  const [less, more] = [Math.min(topFirst, bottomFirst), Math.max(topFirst, bottomFirst)];
  const combs = more > movingDifference * moving;
  if (combs && more >= minWovenRatio * less) return topFirst < bottomFirst ? "top" : "bottom";
  return own < maxWholeRatio * less ? "whole" : null;
}

interface Sample {
  /** `columnCount` values a line, top to bottom. */
  readonly luma: Uint8Array;
  readonly height: number;
}

/** Null for pictures whose luma does not lie in a plane of its own, and for sizes that no tape has. */
function takeSample(frame: Frame): Sample | null {
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

/** The first of each two columns. By the golden ratio each band has them elsewhere, so that none misses an edge. */
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

/** Of samples of two bytes, the lower one first. */
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
