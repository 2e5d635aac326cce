import type { Timing } from "../../model/timing.js";

type NamesTiming = Pick<Timing, "dissolveSeconds" | "minNamesSeconds" | "namesPerSecond">;

/** All cards of names together last no longer than this, dissolves and all; the end card comes on top. */
export const maxNamesSeconds = 38;
/** Denser cards are chosen until each has this long, from its dissolve to that of the next. */
export const fairCardSeconds = 4;
/** No card is shown for less, however many there are. */
const minCardSeconds = 2.2;

/** How long a card is wholly visible where time is no matter. */
function unhurriedSeconds(nameCount: number, { minNamesSeconds, namesPerSecond }: NamesTiming): number {
  return Math.max(minNamesSeconds, nameCount / namesPerSecond);
}

/** Whether cards with these numbers of names can each have the time that their names want. */
export function isUnhurried(nameCounts: readonly number[], timing: NamesTiming): boolean {
  return totalSeconds(nameCounts, timing) <= maxNamesSeconds;
}

function totalSeconds(nameCounts: readonly number[], timing: NamesTiming): number {
  return nameCounts.reduce((sum, count) => sum + unhurriedSeconds(count, timing) + timing.dissolveSeconds, 0);
}

/**
 * Seconds for which each card is wholly visible: what its names want, or its share of what all may have.
 *
 * @param nameCounts of the cards, in order
 */
export function paceNames(nameCounts: readonly number[], timing: NamesTiming): readonly number[] {
  const haste = Math.min(1, maxNamesSeconds / Math.max(1, totalSeconds(nameCounts, timing)));
  return nameCounts.map((count) => {
    const wanted = unhurriedSeconds(count, timing) + timing.dissolveSeconds;
    const shown = haste === 1 ? wanted : Math.max(minCardSeconds, wanted * haste);
    return Math.max(0, shown - timing.dissolveSeconds);
  });
}
