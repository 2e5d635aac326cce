import { avGetPixFmtName, type Frame } from "node-av/lib";
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

/** Columns that are looked at, spread over the picture; every line of them. */
const columnCount = 128;
const minHeight = 200;
/** Larger pictures are never interlaced. */
const maxHeight = 1200;
/** Between two pictures, of 255: more than the noise of a tape. */
const movingDifference = 16;
const minMovingPixels = 150;
/** Pairs of pictures after which a clip is known well enough. */
const enoughPairs = 16;
/** And of whole pictures, where none was woven: almost all clips. */
const enoughWholePairs = 4;
const firstInterval = 4;
const minWovenPairs = 4;

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
      next = index + firstInterval + pairCount;
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
  const name = avGetPixFmtName(frame.format as AVPixelFormat) ?? "";
  const { width, height } = frame;
  const [plane] = frame.data ?? [];
  if (!/^(yuvj?a?4|nv|gray)/.test(name) || plane === undefined) return null;
  if (height < minHeight || height > maxHeight || width < columnCount) return null;
  const bits = Number(/p?(9|10|12|14|16)(le|be)$/.exec(name)?.[1] ?? 8);
  if (bits > 8 && name.endsWith("be")) return null;
  const stride = frame.linesize[0] ?? 0;
  const luma = new Uint8Array(columnCount * height);
  const step = width / columnCount;
  const bytes = bits > 8 ? 2 : 1;
  const offsets = Array.from({ length: columnCount }, (_, column) => Math.floor(column * step) * bytes);
  let to = 0;
  for (let y = 0; y < height; y += 1) {
    const line = y * stride;
    for (let column = 0; column < columnCount; column += 1) {
      const at = line + (offsets[column] as number);
      luma[to] = bytes === 1 ? (plane[at] as number) : plane.readUInt16LE(at) >> (bits - 8);
      to += 1;
    }
  }
  return { luma, height };
}

function compare(a: Uint8Array, b: Uint8Array, height: number): Combing {
  let [moving, own, even, odd] = [0, 0, 0, 0];
  for (let y = 1; y < height - 1; y += 1) {
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
