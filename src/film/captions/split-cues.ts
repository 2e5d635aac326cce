import { baseDirection } from "../typography/direction.js";
import { findPieces } from "../typography/break-opportunities.js";
import { splitGraphemes } from "../typography/graphemes.js";
import { tidyText } from "../typography/tidy-text.js";
import { cueWidth, lineWidth } from "./cue-width.js";

/** What a caption shows at one time: one line or two, with a line feed between them. */
export interface CueWords {
  readonly text: string;
  /** Of reading it: see `cueWidth`. */
  readonly width: number;
}

/** A piece that is not broken, and how good it is to break after it. */
interface Token {
  readonly text: string;
  readonly width: number;
  readonly spaceAfter: boolean;
  readonly after: Break;
}

type Break = "line" | "sentence" | "clause" | "piece" | "force";

/** What it costs to end a cue so; ending it inside a phrase costs more than two cues more. */
const endCosts: Readonly<Record<Break, number>> = {
  line: 0,
  sentence: 0,
  clause: 0.35,
  piece: 1.2,
  force: 2,
};
const cueCost = 0.5;
/** Of a line break inside a cue: uneven lines, and lines that break inside a phrase. */
const unevenCost = 0.3;
const lineBreakShare = 0.25;
/** Cues of less than this flash by. */
const shortWidth = 20;
const shortCost = 0.6;

const closing = `["'”’»›)\\]』」】）]*`;
const sentenceEnd = new RegExp(`[.!?…。！？｡؟۔।॥။።]${closing}$`, "u");
const clauseEnd = new RegExp(`[,;:،؛、，；：፣၊–—]${closing}$`, "u");
/** A full stop that ends no sentence: initials, and titles before a name. */
const abbreviation = /^[“"('«]*(?:\p{Lu}|Mr|Mrs|Ms|Dr|St|Prof|Sr|Jr|Fr|Hr)\.$/u;

/**
 * Splits words into cues of at most two lines of 42 Latin or 18 full-width characters, at the ends of sentences and
 * phrases where it can be had (least cost over all ways to split, as lines of a paragraph are broken). Line ends of
 * the writer are kept as ends of lines. Nothing is left out; a word longer than a line is broken.
 */
export function splitCues(words: string): CueWords[] {
  return tidyText(words)
    .split("\n\n")
    .flatMap((block) => splitBlock(tokensOf(block), baseDirection(block)));
}

function tokensOf(block: string): Token[] {
  const lines = block.split("\n").filter((line) => line.trim() !== "");
  return lines.flatMap((line) => {
    const pieces = findPieces(line).flatMap(({ text, spaces }): Token[] => {
      const parts = splitLong(text);
      return parts.map((part, index) => ({
        text: part,
        width: cueWidth(part),
        spaceAfter: index === parts.length - 1 && spaces !== "",
        after: index === parts.length - 1 ? breakAfter(part) : "force",
      }));
    });
    return pieces.map((token, index) =>
      index === pieces.length - 1 ? { ...token, spaceAfter: true, after: "line" } : token,
    );
  });
}

function breakAfter(text: string): Break {
  if (sentenceEnd.test(text)) return abbreviation.test(text) ? "piece" : "sentence";
  return clauseEnd.test(text) ? "clause" : "piece";
}

function splitLong(text: string): string[] {
  if (cueWidth(text) <= lineWidth) return [text];
  const parts: string[] = [];
  let part = "";
  let width = 0;
  for (const character of splitGraphemes(text)) {
    const characterWidth = cueWidth(character);
    if (width + characterWidth > lineWidth && part !== "") {
      parts.push(part);
      [part, width] = ["", 0];
    }
    part += character;
    width += characterWidth;
  }
  return [...parts, part];
}

function splitBlock(tokens: readonly Token[], direction: "ltr" | "rtl"): CueWords[] {
  /** Of the best way to split all tokens before one: its cost, and the last cue. */
  const costs = [0];
  const starts = [0];
  const breaks: (number | null)[] = [null];
  for (let end = 1; end <= tokens.length; end++) {
    let best = Infinity;
    for (let start = end - 1; start >= 0; start--) {
      const layout = layOut(tokens, start, end);
      if (layout === null) break;
      const cost = (costs[start] as number) + costOf(tokens, start, end) + layout.cost;
      if (cost >= best) continue;
      best = cost;
      starts[end] = start;
      breaks[end] = layout.breakBefore;
    }
    costs[end] = best;
  }
  const cues: CueWords[] = [];
  for (let end = tokens.length; end > 0; end = starts[end] as number) {
    const start = starts[end] as number;
    const breakBefore = breaks[end] ?? null;
    const spans = breakBefore === null ? [[start, end]] : [[start, breakBefore], [breakBefore, end]]; // prettier-ignore
    const lines = spans.map(([from, to]) => joinTokens(tokens.slice(from, to)));
    cues.push({
      text: lines.map((line) => keepDirection(line, direction)).join("\n"),
      width: lines.reduce((sum, line) => sum + cueWidth(line), 0),
    });
  }
  return cues.toReversed();
}

function costOf(tokens: readonly Token[], start: number, end: number): number {
  const after = end === tokens.length ? "line" : (tokens[end - 1] as Token).after;
  const isWhole = start === 0 && end === tokens.length;
  const width = widthOf(tokens, start, end);
  const short = isWhole ? 0 : Math.max(0, 1 - width / shortWidth) * shortCost;
  return cueCost + endCosts[after] + short;
}

/** The best one or two lines; null when it takes more. */
function layOut(
  tokens: readonly Token[],
  start: number,
  end: number,
): { readonly breakBefore: number | null; readonly cost: number } | null {
  const writersBreaks: number[] = [];
  for (let index = start; index < end - 1; index++) {
    if ((tokens[index] as Token).after === "line") writersBreaks.push(index + 1);
  }
  if (writersBreaks.length > 1) return null;
  const whole = widthOf(tokens, start, end);
  if (writersBreaks.length === 0 && whole <= lineWidth) return { breakBefore: null, cost: 0 };
  if (whole > 2 * lineWidth + 1) return null;
  let best: { readonly breakBefore: number; readonly cost: number } | null = null;
  let first = 0;
  for (let at = start + 1; at < end; at++) {
    const token = tokens[at - 1] as Token;
    first += token.width;
    const second = whole - first - (token.spaceAfter ? 1 : 0);
    const isWanted = writersBreaks.length === 0 || writersBreaks[0] === at;
    if (isWanted && first <= lineWidth && second <= lineWidth) {
      const uneven = (Math.abs(first - second) / lineWidth) * unevenCost;
      const cost = token.after === "line" ? 0 : uneven + endCosts[token.after] * lineBreakShare;
      if (best === null || cost < best.cost) best = { breakBefore: at, cost };
    }
    if (token.spaceAfter) first += 1;
  }
  return best;
}

function widthOf(tokens: readonly Token[], start: number, end: number): number {
  let width = 0;
  for (let index = start; index < end; index++) {
    const { width: own, spaceAfter } = tokens[index] as Token;
    width += own + (spaceAfter && index < end - 1 ? 1 : 0);
  }
  return width;
}

function joinTokens(tokens: readonly Token[]): string {
  return tokens
    .map(({ text, spaceAfter }, index) => text + (spaceAfter && index < tokens.length - 1 ? " " : ""))
    .join("");
}

const marks = { ltr: "\u{200E}", rtl: "\u{200F}" } as const;

/**
 * Players take each line's direction from its own first letter; a line that begins with a word of the other
 * direction is given a mark (UAX 9, 2.6), so that it runs as the text it was broken from.
 */
function keepDirection(line: string, direction: "ltr" | "rtl"): string {
  return baseDirection(line) === direction ? line : marks[direction] + line;
}
