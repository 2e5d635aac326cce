import { splitAfterSpaces, splitGraphemes } from "./graphemes.js";
import { segmentText } from "./segment-text.js";

/**
 * A piece of a line that is broken only when it does not fit: its visible text, and the spaces after it, which hang.
 */
export interface Piece {
  readonly text: string;
  readonly spaces: string;
}

const words = new Intl.Segmenter("en", { granularity: "word" });

/** Scripts without spaces between words, broken only between words. */
const unspaced = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** Scripts broken between any two characters. */
const ideographic =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\u{3000}-\u{303F}\u{FF00}-\u{FFEF}]/u;
/** Characters that must not begin a line (JIS X 4051, shortened): closing marks, small kana, marks that lengthen. */
const notAtStart =
  /^[、。，．・：；？！゛゜´｀¨ヽヾゝゞ々ー’”）〕］｝〉》」』】°′″℃％‰ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ…‥!?,.:;)\]}»›~\u{2010}-\u{2015}\u{FF5E}\u{FF61}\u{FF63}\u{FF64}]/u;
/** Characters that must not end a line: opening marks. */
const notAtEnd = /[‘“（〔［｛〈《「『【(［[{«‹￥$£€#]$/u;
const afterHyphen = /[\p{L}\p{N}][-\u{2010}\u{2013}\u{2014}\u{0F0B}\u{1361}/]$|[\u{2014}\u{200B}\u{0F0B}]$/u;

/**
 * Finds the places where a paragraph may be broken into lines: after spaces and hyphens, between ideographs, between
 * the words of scripts without spaces. This is the part of UAX 14 that messages need; JavaScript has no segmenter for
 * lines.
 *
 * @param paragraph tidy, without line ends
 */
export function findPieces(paragraph: string): Piece[] {
  const wordStarts = unspaced.test(paragraph) ? findWordStarts(paragraph) : null;
  const pieces: Piece[] = [];
  let text = "";
  let spaces = "";
  /** The last two characters of `text`, which may be very long. */
  let before = "";
  let index = 0;
  for (const segment of splitGraphemes(paragraph)) {
    const isWordStart = wordStarts?.has(index) ?? false;
    index += segment.length;
    if (segment === " ") {
      spaces += segment;
      continue;
    }
    const isBreak = spaces !== "" ? text !== "" : mayBreak(before, segment, isWordStart);
    if (isBreak) {
      pieces.push({ text, spaces });
      text = "";
      spaces = "";
      before = "";
    }
    text += segment;
    before = (before + segment).slice(-2);
  }
  if (text !== "") pieces.push({ text, spaces: "" });
  return pieces;
}

function findWordStarts(paragraph: string): ReadonlySet<number> {
  const starts = new Set<number>();
  let runStart = 0;
  for (const run of splitAfterSpaces(paragraph)) {
    for (const { index } of segmentText(words, run)) starts.add(runStart + index);
    runStart += run.length;
  }
  return starts;
}

/** @param before the last two characters before the place */
function mayBreak(before: string, next: string, isWordStart: boolean): boolean {
  if (before === "" || notAtStart.test(next) || notAtEnd.test(before)) return false;
  const last = before.at(-1) as string;
  if (ideographic.test(next) || ideographic.test(last)) return last !== "\u{A0}" && next !== "\u{A0}";
  if (isWordStart && unspaced.test(next) && unspaced.test(last)) return true;
  return afterHyphen.test(before) && /^[\p{L}\p{N}]/u.test(next);
}
