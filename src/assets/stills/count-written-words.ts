import type { RgbPicture } from "../../media/pictures/rgb-picture.js";

/** Neighbours that differ by so much of 255 are the edge of a letter's stroke. */
const strokeContrast = 40;
/** Rows with so much of the strokes that a full row has belong to a line of writing. */
const lineShare = 0.3;
const fullRowPercentile = 0.95;
const leastStrokes = 4;
/** Heights of lines, from an x-height of small print to a headline as a part of the width. */
const leastLinePx = 5;
const mostLineShare = 1 / 8;
/** Fewer lines, or lines over less of the picture, are details of a photo that happen to look like writing. */
const leastLines = 6;
const leastWrittenShare = 0.12;
/** Between two words, or two speakers, in heights of their line. */
const wordGap = 0.45;
/** A word of five letters and a space, in heights of its line: those of its small letters, which most strokes are in. */
const spacedWord = 6.7;
/** Longer runs without a gap are of a script without spaces; there two signs are a word. */
const longestMeanRun = 9;
const unspacedWord = 2;

/**
 * About how many words would be written in a picture if all of it were as full as the part between its first and last
 * line: a camera that passes it evenly in the time of reading so many passes each line in its time. Lines are rows rich
 * in strokes between rows that are not, and words are parted by gaps in them. A photo without writing has none.
 */
export function countWrittenWords(picture: RgbPicture): number {
  const { width, height } = picture;
  const luma = lumaOf(picture);
  const strokes = Uint32Array.from({ length: height }, (_, y) => countStrokes(luma, width, y));
  const lines = findLines(strokes, width);
  const writtenRows = lines.reduce((sum, { first, end }) => sum + end - first, 0);
  const [firstLine, lastLine] = [lines[0], lines.at(-1)];
  if (firstLine === undefined || lastLine === undefined) return 0;
  if (lines.length < leastLines || writtenRows < height * leastWrittenShare) return 0;
  const words = lines.reduce((sum, line) => sum + countWords(luma, width, line), 0);
  return Math.round((words * height) / (lastLine.end - firstLine.first));
}

interface Line {
  readonly first: number;
  /** The row after its last. */
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
  const rich = strokes.filter((count) => count >= leastStrokes).toSorted();
  const full = rich[Math.floor((rich.length - 1) * fullRowPercentile)] ?? 0;
  const least = Math.max(leastStrokes, full * lineShare);
  const lines: Line[] = [];
  let first: number | null = null;
  for (let y = 0; y <= strokes.length; y++) {
    const isWritten = y < strokes.length && (strokes[y] as number) >= least;
    if (isWritten) first ??= y;
    else if (first !== null) {
      const rows = y - first;
      if (rows >= leastLinePx && rows <= width * mostLineShare) lines.push({ first, end: y });
      first = null;
    }
  }
  return lines;
}

function countWords(luma: Uint8Array, width: number, { first, end }: Line): number {
  const rows = end - first;
  let [inkedPx, runs] = [0, 0];
  let last = -Infinity;
  for (let x = 1; x < width - 1; x++) {
    let isInked = false;
    for (let y = first; y < end && !isInked; y++) isInked = isStroke(luma, y * width + x);
    if (!isInked) continue;
    // An edge is seen one px before it and one after it.
    const gap = x - last + 1;
    if (gap > rows * wordGap) runs++;
    // A space belongs to the word before it; the room between two columns does not.
    inkedPx += Math.min(x - last, rows);
    last = x;
  }
  const heights = inkedPx / rows;
  return heights / (heights > longestMeanRun * runs ? unspacedWord : spacedWord);
}
