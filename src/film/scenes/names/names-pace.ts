import type { Timing } from "../../model/timing.js";

type NamesTiming = Pick<Timing, "dissolveSeconds" | "minNamesSeconds" | "namesPerSecond">;

/** All cards of names together last no longer than this, dissolves included; the end card is extra. */
export const maxNamesSeconds = 38;
/** Denser cards are chosen until each is shown for this long, from its dissolve to that of the next. */
export const targetCardSeconds = 4;
/** Minimum time of a card, however many there are. */
const minCardSeconds = 2.2;

/** Returns the seconds that a card is completely visible where time is not limited. */
function neededSeconds(nameCount: number, { minNamesSeconds, namesPerSecond }: NamesTiming): number {
  return Math.max(minNamesSeconds, nameCount / namesPerSecond);
}

/** Whether cards with these numbers of names can each have the time that their names need. */
export function haveEnoughTime(nameCounts: readonly number[], timing: NamesTiming): boolean {
  return totalSeconds(nameCounts, timing) <= maxNamesSeconds;
}

function totalSeconds(nameCounts: readonly number[], timing: NamesTiming): number {
  return nameCounts.reduce((sum, count) => sum + neededSeconds(count, timing) + timing.dissolveSeconds, 0);
}

/**
 * Returns the seconds that each card is completely visible: what its names need, or its share of the limited time.
 *
 * @param nameCounts numbers of names of the cards, in order
 */
export function paceNames(nameCounts: readonly number[], timing: NamesTiming): readonly number[] {
  const timeShare = Math.min(1, maxNamesSeconds / Math.max(1, totalSeconds(nameCounts, timing)));
  return nameCounts.map((count) => {
    const wanted = neededSeconds(count, timing) + timing.dissolveSeconds;
    const shown = timeShare === 1 ? wanted : Math.max(minCardSeconds, wanted * timeShare);
    return Math.max(0, shown - timing.dissolveSeconds);
  });
}
