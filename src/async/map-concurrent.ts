import { Stop } from "./stop.js";

/**
 * Runs `task` for each item, at most `limit` at a time, and starts them in the order of the items. The first failure
 * stops the other tasks, and all of them have ended when the promise settles.
 * @returns the results in the order of the items
 */
export async function mapConcurrent<Item, Result>(
  items: readonly Item[],
  limit: number,
  signal: AbortSignal,
  task: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const siblings = new AbortController();
  const combined = AbortSignal.any([signal, siblings.signal]);
  const results: Result[] = [];
  const queue = items.entries();
  const runNext = async (): Promise<void> => {
    for (const [index, item] of queue) {
      combined.throwIfAborted();
      results[index] = await task(item, combined);
    }
  };
  const runners = Array.from({ length: Math.min(limit, items.length) }, async () => {
    try {
      await runNext();
    } catch (error) {
      if (!siblings.signal.aborted)
        siblings.abort(
          new Stop("sibling-failed", "This task was stopped because another one of the same group failed."),
        );
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

/** Runs two tasks at the same time. The first failure stops the other task, and both have ended when the promise settles. */
export async function runBoth<First, Second>(
  signal: AbortSignal,
  first: (signal: AbortSignal) => Promise<First>,
  second: (signal: AbortSignal) => Promise<Second>,
): Promise<[First, Second]> {
  const tasks = [first, second] as const;
  return (await mapConcurrent<(typeof tasks)[number], First | Second>(tasks, 2, signal, (run, stop) =>
    run(stop),
  )) as [First, Second];
}
