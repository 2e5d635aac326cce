import { baseDirection } from "../typography/direction.js";
import { tidyText } from "../typography/tidy-text.js";
import { cueTokens, type CueBreak, type CueToken } from "./cue-tokens.js";
import { lineWidth } from "./cue-width.js";

/** What a caption shows at one time: one line or two, with a line feed between them. */
export interface CueWords {
  readonly text: string;
  /** Of reading it: see `cueWidth`. */
  readonly width: number;
}

/** What it costs to end a cue so; ending it inside a phrase costs more than two cues more. */
const endCosts: Readonly<Record<CueBreak, number>> = {
  line: 0,
  sentence: 0,
  clause: 0.35,
  piece: 1.2,
  word: 2,
};
const cueCost = 0.5;
/** Of a line break inside a cue: uneven lines, and lines that break inside a phrase. */
const unevenCost = 0.3;
const lineBreakShare = 0.25;
/** Cues of less than this flash by. */
const shortWidth = 20;
const shortCost = 0.6;
/** Widths are sums of fractions. */
const maxWidth = lineWidth + 1e-6;

/**
 * Splits words into cues of at most two lines of 42 Latin or 18 full-width characters, at the ends of sentences and
 * phrases where it can be had (least cost over all ways to split, as lines of a paragraph are broken). Line ends of
 * the writer are kept as ends of lines. Nothing is left out; a word longer than a line is broken.
 */
export function splitCues(words: string): CueWords[] {
  return tidyText(words)
    .split("\n\n")
    .flatMap((block) => splitBlock(cueTokens(block), baseDirection(block)));
}

function splitBlock(tokens: readonly CueToken[], direction: "ltr" | "rtl"): CueWords[] {
  const measure = createMeasure(tokens);
  /** Of the best way to split all tokens before one: its cost, and the last cue. */
  const costs = [0];
  const starts = [0];
  const breaks: (number | null)[] = [null];
  for (let end = 1; end <= tokens.length; end++) {
    let best = Infinity;
    for (let start = end - 1; start >= 0; start--) {
      const layout = layOut(tokens, measure, start, end);
      if (layout === null) break;
      const cost = (costs[start] as number) + costOf(tokens, measure, start, end) + layout.cost;
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
    const turn = breaks[end] ?? end;
    const lines = [tokens.slice(start, turn), tokens.slice(turn, end)].map(joinTokens);
    cues.push({
      text: lines
        .filter((line) => line !== "")
        .map((line) => keepDirection(line, direction))
        .join("\n"),
      width: measure.width(start, end),
    });
  }
  return cues.toReversed();
}

interface Measure {
  /** Of the tokens from `start` up to but not with `end`, on one line. */
  width(start: number, end: number): number;
  /** Where the writer's line ends that `start` is in: the first token of the next line. */
  lineEnd(start: number): number;
}

/** Sums from the beginning, so that any stretch is measured at once. */
function createMeasure(tokens: readonly CueToken[]): Measure {
  const widths = [0];
  for (const { width, spaceAfter } of tokens)
    widths.push((widths.at(-1) as number) + width + (spaceAfter ? 1 : 0));
  const lineEnds: number[] = [];
  let lineEnd = tokens.length;
  for (let index = tokens.length - 1; index >= 0; index--) {
    if ((tokens[index] as CueToken).after === "line") lineEnd = index + 1;
    lineEnds[index] = lineEnd;
  }
  return {
    width: (start, end) =>
      (widths[end] as number) - (widths[start] as number) - (tokens[end - 1]?.spaceAfter === true ? 1 : 0),
    lineEnd: (start) => lineEnds[start] ?? tokens.length,
  };
}

function costOf(tokens: readonly CueToken[], measure: Measure, start: number, end: number): number {
  const after = end === tokens.length ? "line" : (tokens[end - 1] as CueToken).after;
  const isWhole = start === 0 && end === tokens.length;
  const short = isWhole ? 0 : Math.max(0, 1 - measure.width(start, end) / shortWidth) * shortCost;
  return cueCost + endCosts[after] + short;
}

/** The best one or two lines; null when it takes more, as it then does with any token more. */
function layOut(
  tokens: readonly CueToken[],
  measure: Measure,
  start: number,
  end: number,
): { readonly breakBefore: number | null; readonly cost: number } | null {
  const lineEnd = measure.lineEnd(start);
  if (lineEnd < end) {
    const fits = measure.lineEnd(lineEnd) >= end;
    const narrow = measure.width(start, lineEnd) <= maxWidth && measure.width(lineEnd, end) <= maxWidth;
    return fits && narrow ? { breakBefore: lineEnd, cost: 0 } : null;
  }
  const whole = measure.width(start, end);
  if (whole <= maxWidth) return { breakBefore: null, cost: 0 };
  if (whole > 2 * maxWidth + 1) return null;
  let best: { readonly breakBefore: number; readonly cost: number } | null = null;
  for (let at = end - 1; at > start; at--) {
    const second = measure.width(at, end);
    if (second > maxWidth) break;
    const first = measure.width(start, at);
    if (first > maxWidth) continue;
    const uneven = (Math.abs(first - second) / lineWidth) * unevenCost;
    const cost = uneven + endCosts[(tokens[at - 1] as CueToken).after] * lineBreakShare;
    if (best === null || cost <= best.cost) best = { breakBefore: at, cost };
  }
  return best;
}

function joinTokens(tokens: readonly CueToken[]): string {
  return tokens
    .map(({ text, spaceAfter }, index) => text + (spaceAfter && index < tokens.length - 1 ? " " : ""))
    .join("");
}

const embeddings = { ltr: "\u{202A}", rtl: "\u{202B}" } as const;
const endOfEmbedding = "\u{202C}";

/**
 * Players take each line for a paragraph, some from left to right whatever is in it, some in the direction of its
 * first letter. A line that could run otherwise than the words it was broken from is embedded in their direction
 * (UAX 9, 2.1), which all players know.
 */
function keepDirection(line: string, direction: "ltr" | "rtl"): string {
  const isSafe = direction === "ltr" && baseDirection(line) === "ltr";
  return isSafe ? line : embeddings[direction] + line + endOfEmbedding;
}
