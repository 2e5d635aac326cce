import { findPieces } from "./break-opportunities.js";
import type { TextPage } from "../model/text-page.js";
import type { Section } from "./text-sections.js";

interface Card {
  readonly group: readonly Section[];
  readonly page: TextPage;
}

/** A card filled by less than this, or with no more words than this, looks left over beside full ones. */
const shortFill = 0.24;
const shortWords = 4;
/** Costs of a cut after a clause or between words, in addition to the difference of the two cards' fills. */
const clauseCost = 0.15;
const wordCost = 0.4;

/**
 * Moves words to a card that has hardly any from the card beside it, cut after a clause where possible.
 *
 * @param fill returns the share of a card's height that a page takes
 */
export function fillShortCard(
  cards: readonly Card[],
  layOut: (group: readonly Section[]) => TextPage,
  fill: (page: TextPage) => number,
): readonly Card[] {
  const short = cards.findIndex(
    ({ page }) => fill(page) < shortFill || page.text.split(/\s+/u).length <= shortWords,
  );
  if (short === -1 || cards.length < 2) return cards;
  const first = Math.max(0, short - 1);
  const pieces = cards.slice(first, first + 2).flatMap(({ group }) => group.flatMap(cutSection));
  let best: readonly Card[] = [];
  let minCost = Infinity;
  for (const cut of pieces.keys()) {
    if (cut === 0) continue;
    const cost = pieces[cut]?.isAfterClause === true ? clauseCost : wordCost;
    // Laying out is expensive, so only cuts near the middle are tried.
    if (Math.abs(cut / pieces.length - 0.5) > 0.3) continue;
    const pair = [pieces.slice(0, cut), pieces.slice(cut)].map((group) => ({ group, page: layOut(group) }));
    const fills = pair.map(({ page }) => fill(page));
    if (Math.max(...fills) > 1) continue;
    const pairCost = cost + Math.abs((fills[0] ?? 0) - (fills[1] ?? 0));
    if (pairCost < minCost) [best, minCost] = [pair, pairCost];
  }
  return best.length === 0 ? cards : [...cards.slice(0, first), ...best, ...cards.slice(first + 2)];
}

interface CutSection extends Section {
  /** Whether a card may begin with this section without splitting a clause. */
  readonly isAfterClause: boolean;
}

function cutSection(section: Section): CutSection[] {
  let joint = section.joint;
  let isAfterClause = true;
  return findPieces(section.text).map(({ text, spaces }) => {
    const piece = { text, joint, isAfterClause };
    joint = spaces === "" ? "" : " ";
    isAfterClause = /[.,;:!?…،؛؟।。、，；：！？—–]["”’»)\]]*$/u.test(text);
    return piece;
  });
}
