import { findPieces, type Piece } from "./break-opportunities.js";
import { splitGraphemes } from "./graphemes.js";
import type { TextPage } from "../model/text-page.js";
import { fillShortCard } from "./fill-short-card.js";
import { joinSections, splitSentences, type Section } from "./text-sections.js";

/** Costs of ending a card: none after a paragraph, low after a sentence, high within one. */
const jointCosts: Readonly<Record<Section["joint"], number>> = { "\n\n": 0, "\n": 0.03, " ": 0.08, "": 0.08 };
const withinSentenceCost = 0.6;

/**
 * Distributes a text over as few cards as possible, ending them after paragraphs and sentences and filling them
 * evenly. Every card is set from its own words, so its lines are balanced among themselves.
 *
 * @param text tidy
 * @param layOut sets a text on one page of any height
 */
export function paginateText(text: string, heightPx: number, layOut: (text: string) => TextPage): TextPage[] {
  const fill = (page: TextPage): number => page.heightPx / heightPx;
  const sections = splitSentences(text).flatMap((section) =>
    splitTall({ ...section, isWithin: false }, (part) => fill(layOut(part))),
  );
  const fills: number[][] = [];
  for (const start of sections.keys()) {
    const fillsHere: number[] = [];
    for (let end = start + 1; end <= sections.length; end += 1) {
      const page = layOut(joinSections(sections.slice(start, end)));
      if (fill(page) > 1 && end > start + 1) break;
      fillsHere.push(fill(page));
    }
    fills.push(fillsHere);
  }

  /**
   * The minimum cost of setting all sections from an index on, and the number of them on the first card, computed from
   * the end of the text.
   */
  const costs = [...sections.map(() => Infinity), 0];
  const counts = sections.map(() => 1);
  for (let start = sections.length - 1; start >= 0; start -= 1) {
    for (const [index, share] of (fills[start] ?? []).entries()) {
      const next = sections[start + index + 1];
      const endCost = next === undefined ? 0 : next.isWithin ? withinSentenceCost : jointCosts[next.joint];
      const free = 1 - Math.min(1, share);
      const cost = pageCost + free * free + endCost + (costs[start + index + 1] ?? 0);
      if (cost < (costs[start] ?? Infinity)) {
        costs[start] = cost;
        counts[start] = index + 1;
      }
    }
  }

  const groups: Section[][] = [];
  for (let start = 0; start < sections.length; start += counts[start] ?? 1) {
    groups.push(sections.slice(start, start + (counts[start] ?? 1)));
  }
  const layOutGroup = (group: readonly Section[]): TextPage => layOut(joinSections(group));
  const cards = fillShortCard(
    groups.map((group) => ({ group, page: layOutGroup(group) })),
    layOutGroup,
    fill,
  );
  return cards.map(({ page }) => page);
}

/** Keeps the number of cards minimal. */
const pageCost = 3;

interface Part extends Section {
  /** Whether it continues a sentence that does not fit on one card. */
  readonly isWithin: boolean;
}

/** Cuts a sentence taller than a card between words, after a comma where one is near, until each part fits. */
function splitTall(section: Part, share: (text: string) => number): Part[] {
  const filled = share(section.text);
  if (filled <= 1) return [section];
  const pieces = cutFinely(section.text);
  if (pieces.length < 2) return [section];
  const partLength = section.text.length / Math.ceil(filled * 1.3);
  const parts: Part[] = [];
  let part: Part = { ...section, text: "" };
  for (const [index, piece] of pieces.entries()) {
    part = { ...part, text: part.text + piece.text };
    const isFull = part.text.length >= partLength;
    const isNearlyFull = part.text.length >= partLength * 0.75 && /[,;:،；、，—]$/u.test(part.text);
    if ((isFull || isNearlyFull) && index < pieces.length - 1) {
      parts.push(part);
      part = { text: "", joint: piece.spaces === "" ? "" : " ", isWithin: true };
    } else {
      part = { ...part, text: index === pieces.length - 1 ? part.text : part.text + piece.spaces };
    }
  }
  return [...parts, part].flatMap((shorter) => splitTall(shorter, share));
}

function cutFinely(text: string): Piece[] {
  const pieces = findPieces(text);
  if (pieces.length > 1) return pieces;
  return splitGraphemes(text).map((character) => ({ text: character, spaces: "" }));
}
