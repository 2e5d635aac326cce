import type { Message } from "../../capsule/content.js";
import { nameKey } from "./name-key.js";

/**
 * Lists contributors in film order, each once, as the closing names them. A person whose name is spelt in several
 * ways appears with the most frequent spelling; among equals, one with capital and small letters comes before one in
 * a single case, and then the first one wins.
 */
export function contributorNames(messages: readonly Message[]): readonly string[] {
  const people = new Map<string, Map<string, number>>();
  for (const { contributorName } of messages) {
    if (contributorName === null) continue;
    const spelling = contributorName.normalize("NFC");
    const key = nameKey(spelling) || spelling;
    const counts = people.get(key) ?? new Map<string, number>();
    people.set(key, counts.set(spelling, (counts.get(spelling) ?? 0) + 1));
  }
  return [...people.values()].map(chooseSpelling);
}

function chooseSpelling(counts: ReadonlyMap<string, number>): string {
  const highest = Math.max(...counts.values());
  const leading = [...counts].filter(([, count]) => count === highest).map(([spelling]) => spelling);
  return leading.find(hasBothCases) ?? leading[0] ?? "";
}

function hasBothCases(name: string): boolean {
  return name !== name.toUpperCase() && name !== name.toLowerCase();
}
