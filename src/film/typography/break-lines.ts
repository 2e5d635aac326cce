import { findPieces, type Piece } from "./break-opportunities.js";
import { splitGraphemes } from "./graphemes.js";

/** Width in px of a string as it would be drawn. */
export type MeasureWidth = (text: string) => number;

/** Paragraphs up to this number of lines are balanced; longer ones fill their lines and only avoid a widow. */
const balancedLineCount = 6;
const widowShare = 0.28;

/**
 * Breaks a paragraph into the least ragged lines (minimum of the squared free space over all ways to break it, after
 * Knuth & Plass 1981), if possible without a single short word at its end.
 *
 * @param paragraph tidy, without line ends
 * @param measurePx width that no line exceeds
 */
export function breakLines(paragraph: string, measurePx: number, width: MeasureWidth): string[] {
  return joinLines(findPieces(paragraph), measurePx, width);
}

/** Breaks given pieces into lines in the same way. */
export function joinLines(unfitted: readonly Piece[], measurePx: number, width: MeasureWidth): string[] {
  const pieces = unfitted.flatMap((piece) => splitWide(piece, measurePx, width));
  if (pieces.length === 0) return [];
  const widths = pieces.map((piece) => width(piece.text));
  const spaceWidths = pieces.map((piece) => (piece.spaces === "" ? 0 : width(piece.spaces)));
  const greedyCount = countGreedyLines(widths, spaceWidths, measurePx);
  const lastWeight = greedyCount <= balancedLineCount ? 0.5 : 0.03;

  /** The best way to set all pieces before an index: its cost, and where its last line starts. */
  const costs = [0];
  const starts = [0];
  for (let end = 1; end <= pieces.length; end += 1) {
    let best = Infinity;
    let bestStart = end - 1;
    let lineWidth = 0;
    for (let start = end - 1; start >= 0; start -= 1) {
      lineWidth += (widths[start] ?? 0) + (start === end - 1 ? 0 : (spaceWidths[start] ?? 0));
      if (lineWidth > measurePx && start < end - 1) break;
      const free = (measurePx - lineWidth) / measurePx;
      const isLast = end === pieces.length;
      const isWidow = isLast && start > 0 && lineWidth < widowShare * measurePx;
      const cost =
        (costs[start] ?? 0) + (isLast ? lastWeight : 1) * free * free + (isWidow ? 0.5 : 0) + lineCost;
      if (cost < best) [best, bestStart] = [cost, start];
    }
    costs.push(best);
    starts.push(bestStart);
  }

  const lines: string[] = [];
  for (let end = pieces.length; end > 0; end = starts[end] ?? 0) {
    lines.push(joinPieces(pieces.slice(starts[end], end)));
  }
  return lines.toReversed();
}

/** Keeps the number of lines minimal. */
const lineCost = 1;

function joinPieces(pieces: readonly Piece[]): string {
  return pieces
    .map((piece, index) => piece.text + (index === pieces.length - 1 ? "" : piece.spaces))
    .join("");
}

function countGreedyLines(
  widths: readonly number[],
  spaceWidths: readonly number[],
  measurePx: number,
): number {
  let count = 1;
  let lineWidth = 0;
  for (const [index, pieceWidth] of widths.entries()) {
    if (lineWidth > 0 && lineWidth + pieceWidth > measurePx) {
      count += 1;
      lineWidth = 0;
    }
    lineWidth += pieceWidth + (spaceWidths[index] ?? 0);
  }
  return count;
}

/** Breaks a word or address that is wider than the measure between characters, at the least harmful place. */
function splitWide(piece: Piece, measurePx: number, width: MeasureWidth): Piece[] {
  if (width(piece.text) <= measurePx) return [piece];
  const characters = splitGraphemes(piece.text);
  const isWord = plainWord.test(piece.text);
  const hyphenPx = isWord ? width(hyphen) : 0;
  const parts: string[] = [];
  let start = 0;
  while (start < characters.length) {
    let count = fitCount(characters, start, measurePx, width);
    const isLast = start + count >= characters.length;
    if (!isLast) {
      if (isWord) count = fitCount(characters, start, measurePx - hyphenPx, width);
      count = findBreak(characters.slice(start, start + count + 2), count, isWord);
    }
    parts.push(characters.slice(start, start + count).join("") + (isWord && !isLast ? hyphen : ""));
    start += count;
  }
  return parts.map((text, index) => ({ text, spaces: index === parts.length - 1 ? piece.spaces : "" }));
}

/** A word written without marks gets a hyphen where it is broken; an address never does. */
const plainWord = /^[\p{P}]*[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{M}]+[\p{P}]*$/u;
const hyphen = "\u{2010}";
const vowel = /^[aeiouyæœøåαεηιουωаеёиіїоуыэюя]/iu;
const breaksAfter = /[/.?&=_@-]/;

/**
 * Returns the number of characters before a break: after a mark of an address, or between syllables of a word (before
 * the last consonant between two vowels), where such a place is near the end.
 *
 * @param characters those that fit and two after them
 * @param count number of characters that fit
 */
function findBreak(characters: readonly string[], count: number, isWord: boolean): number {
  const isVowel = (index: number): boolean => vowel.test((characters[index] ?? "").normalize("NFD"));
  for (let at = count; at > count * 0.6 && at > 2; at -= 1) {
    const isSyllable =
      !isVowel(at) && isVowel(at + 1) && (isVowel(at - 1) || isVowel(at - 2) || isVowel(at - 3));
    if (isWord ? isSyllable : breaksAfter.test(characters[at - 1] ?? "")) return at;
  }
  return Math.max(1, count);
}

/**
 * Finds the largest number of characters from `start` that fit, at least one, by bisection, as a word may have any
 * length.
 */
function fitCount(
  characters: readonly string[],
  start: number,
  measurePx: number,
  width: MeasureWidth,
): number {
  let fits = 1;
  let tooMany = Math.min(characters.length - start, 400) + 1;
  while (tooMany - fits > 1) {
    const count = (fits + tooMany) >> 1;
    if (width(characters.slice(start, start + count).join("")) <= measurePx) fits = count;
    else tooMany = count;
  }
  return fits;
}
