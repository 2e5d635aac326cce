import { baseDirection } from "../typography/direction.js";
import { tidyText } from "../typography/tidy-text.js";
import { cueTokens, type CueBreak, type CueToken } from "./cue-tokens.js";
import { lineWidth } from "./cue-width.js";

/** Text of one caption: one line or two, with a line feed between them. */
export interface CueWords {
  readonly text: string;
  /** Width as a measure of reading time: see `cueWidth`. */
  readonly width: number;
}

/** Costs of ending a cue at each kind of break; ending it inside a phrase costs more than two additional cues. */
const endCosts: Readonly<Record<CueBreak, number>> = {
  line: 0,
  sentence: 0,
  clause: 0.35,
  piece: 1.2,
  word: 2,
};
const cueCost = 0.5;
/** Costs of a line break inside a cue: uneven lines, and lines that break inside a phrase. */
const unevenCost = 0.3;
const lineBreakShare = 0.25;
/** Shorter cues disappear before they are read. */
const shortWidth = 20;
const shortCost = 0.6;
/** Widths are sums of fractions, so comparisons need a tolerance. */
const maxWidth = lineWidth + 1e-6;

/**
 * Splits words into cues of at most two lines of 42 Latin or 18 full-width characters, preferably at the ends of
 * sentences and phrases (least cost over all ways to split, as for the lines of a paragraph). Line ends of the writer
 * stay line ends. Nothing is left out; a word longer than a line is broken.
 */
export function splitCues(words: string): CueWords[] {
  return tidyText(words)
    .split("\n\n")
    .flatMap((block) => splitBlock(cueTokens(block), baseDirection(block)));
}

function splitBlock(tokens: readonly CueToken[], direction: "ltr" | "rtl"): CueWords[] {
  const measure = createMeasure(tokens);
  /** The best way to split all tokens before an index: its cost, and its last cue. */
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
    const secondLine = breaks[end] ?? end;
    const lines = [tokens.slice(start, secondLine), tokens.slice(secondLine, end)].map(joinTokens);
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
  /** Width of the tokens from `start` up to but not including `end`, on one line. */
  width(start: number, end: number): number;
  /** End of the writer's line that contains `start`: the first token of the next line. */
  lineEnd(start: number): number;
}

/** Uses prefix sums, so that any range is measured in constant time. */
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

/** Returns the best one or two lines; null when more are needed, which is then true for every longer range. */
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
 * Embeds a line in the direction of the words it was broken from (UAX 9, 2.1) where it could be shown otherwise.
 * Players treat each line as a paragraph, some from left to right in any case, some in the direction of its first
 * letter; all of them support embedding.
 */
function keepDirection(line: string, direction: "ltr" | "rtl"): string {
  const isSafe = direction === "ltr" && baseDirection(line) === "ltr";
  return isSafe ? line : embeddings[direction] + line + endOfEmbedding;
}
