import type { RgbPicture } from "../../media/pictures/rgb-picture.js";

/** Neighbouring pixels that differ by this much (of 255) are the edge of a stroke. */
const strokeContrast = 40;
/** Rows with at least this share of the strokes of a full row belong to a line of text. */
const lineShare = 0.3;
const fullRowPercentile = 0.95;
const minStrokes = 4;
/** Height of a line: from the x-height of small print to a headline, which is measured by the width. */
const minLinePx = 5;
const maxLineShare = 1 / 8;
/** Fewer lines, or lines on a smaller part of the picture, are details of a photo that resemble text. */
const minLines = 6;
const minWrittenShare = 0.12;
/** Width of the gap between two words, in heights of the line. */
const wordGap = 0.45;
/** Width of a word of five letters and a space, in heights of its small letters, which have most of the strokes. */
const spacedWord = 6.7;
/** A longer mean run without a gap belongs to a script without spaces, where two characters count as a word. */
const maxMeanRun = 9;
const unspacedWord = 2;

/**
 * Estimates how many words a picture would have if all of it were as full of text as the part between its first and last
 * line. A camera that moves over it evenly in the reading time of that number passes each line in time. Lines are rows
 * with many strokes between rows with few; words are separated by gaps. A photo without text has 0.
 */
export function countWrittenWords(picture: RgbPicture): number {
  const { width, height } = picture;
  const luma = lumaOf(picture);
  const strokes = Uint32Array.from({ length: height }, (_, y) => countStrokes(luma, width, y));
  const lines = findLines(strokes, width);
  const writtenRows = lines.reduce((sum, { first, end }) => sum + end - first, 0);
  const [firstLine, lastLine] = [lines[0], lines.at(-1)];
  if (firstLine === undefined || lastLine === undefined) return 0;
  if (lines.length < minLines || writtenRows < height * minWrittenShare) return 0;
  const words = lines.reduce((sum, line) => sum + countWords(luma, width, line), 0);
  return Math.round((words * height) / (lastLine.end - firstLine.first));
}

interface Line {
  readonly first: number;
  /** The row after the last one. */
  readonly end: number;
}

function lumaOf({ data, width, height }: RgbPicture): Uint8Array {
  const luma = new Uint8Array(width * height);
  for (let i = 0; i < luma.length; i++) {
    const at = i * 3;
    luma[i] = ((data[at] as number) + 2 * (data[at + 1] as number) + (data[at + 2] as number)) >> 2;
  }
  return luma;
}

function isStroke(luma: Uint8Array, at: number): boolean {
  return Math.abs((luma[at + 1] as number) - (luma[at - 1] as number)) > strokeContrast;
}

function countStrokes(luma: Uint8Array, width: number, y: number): number {
  let count = 0;
  for (let at = y * width + 1; at < (y + 1) * width - 1; at++) if (isStroke(luma, at)) count++;
  return count;
}

function findLines(strokes: Uint32Array, width: number): readonly Line[] {
  const rich = strokes.filter((count) => count >= minStrokes).toSorted();
  const full = rich[Math.floor((rich.length - 1) * fullRowPercentile)] ?? 0;
  const minCount = Math.max(minStrokes, full * lineShare);
  const lines: Line[] = [];
  let first: number | null = null;
  for (let y = 0; y <= strokes.length; y++) {
    const isWritten = y < strokes.length && (strokes[y] as number) >= minCount;
    if (isWritten) first ??= y;
    else if (first !== null) {
      const rows = y - first;
      if (rows >= minLinePx && rows <= width * maxLineShare) lines.push({ first, end: y });
      first = null;
    }
  }
  return lines;
}

function countWords(luma: Uint8Array, width: number, { first, end }: Line): number {
  const rows = end - first;
  let [strokePx, runs] = [0, 0];
  let last = -Infinity;
  for (let x = 1; x < width - 1; x++) {
    let hasStroke = false;
    for (let y = first; y < end && !hasStroke; y++) hasStroke = isStroke(luma, y * width + x);
    if (!hasStroke) continue;
    // An edge is detected one pixel before and one pixel after it.
    const gap = x - last + 1;
    if (gap > rows * wordGap) runs++;
    // A space belongs to the word before it; the gap between two columns does not.
    strokePx += Math.min(x - last, rows);
    last = x;
  }
  const heights = strokePx / rows;
  return heights / (heights > maxMeanRun * runs ? unspacedWord : spacedWord);
}
