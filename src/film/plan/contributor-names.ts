import type { Message } from "../../capsule/content.js";
import { nameKey } from "./name-key.js";

/**
 * Contributors in film order, each once, as the closing names them. A person who is spelt in several ways stands there
 * as most messages have it; where none leads, in capital and small letters rather than in one kind, then as it came first.
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
  const most = Math.max(...counts.values());
  const leading = [...counts].filter(([, count]) => count === most).map(([spelling]) => spelling);
  return leading.find(hasBothCases) ?? leading[0] ?? "";
}

function hasBothCases(name: string): boolean {
  return name !== name.toUpperCase() && name !== name.toLowerCase();
}
