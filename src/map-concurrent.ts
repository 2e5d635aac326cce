import { Stop } from "./stop.js";

/**
 * Runs `task` for each item, at most `limit` at a time, in order of the items. The first failure stops the others;
 * nothing is left running when the promise settles.
 * @returns results in the order of the items
 */
export async function sideBySide<Item, Result>(
  items: readonly Item[],
  limit: number,
  signal: AbortSignal,
  task: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const siblings = new AbortController();
  const either = AbortSignal.any([signal, siblings.signal]);
  const results: Result[] = [];
  const queue = items.entries();
  const runNext = async (): Promise<void> => {
    for (const [index, item] of queue) {
      either.throwIfAborted();
      results[index] = await task(item, either);
    }
  };
  const runners = Array.from({ length: Math.min(limit, items.length) }, async () => {
    try {
      await runNext();
    } catch (error) {
      if (!siblings.signal.aborted)
        siblings.abort(new Stop("sibling-failed", "A task beside this one failed."));
      throw error;
    }
  });
  const ends = await Promise.allSettled(runners);
  signal.throwIfAborted();
  const failures = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
  const cause = failures.find((reason) => !(reason instanceof Stop && reason.why === "sibling-failed"));
  if (cause !== undefined) throw cause;
  return results;
}

/** Runs two tasks at the same time; the first failure stops the other, and neither is left running. */
export async function bothTogether<First, Second>(
  signal: AbortSignal,
  first: (signal: AbortSignal) => Promise<First>,
  second: (signal: AbortSignal) => Promise<Second>,
): Promise<[First, Second]> {
  const tasks = [first, second] as const;
  return (await sideBySide<(typeof tasks)[number], First | Second>(tasks, 2, signal, (run, stop) =>
    run(stop),
  )) as [First, Second];
}
