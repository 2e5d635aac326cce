import type { Database, Functions } from "../../dist/database/database.js";

/** Milliseconds of each round trip, by the name of the SQL function. */
export type TimesByCall = Readonly<Record<string, readonly number[]>>;

export interface CallTimes {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

/** Wraps a database to measure its calls. Calls that fail are not counted. */
export function timeCalls(database: Database): {
  readonly timed: Database;
  readonly times: TimesByCall;
  readonly forget: () => void;
} {
  const times: Record<string, number[]> = {};
  const time = (functions: Functions): Functions => ({
    call: async <Result>(...call: Parameters<Functions["call"]>) => {
      const start = performance.now();
      const result = await functions.call<Result>(...call);
      (times[call[0]] ??= []).push(performance.now() - start);
      return result;
    },
  });
  return {
    timed: {
      address: database.address,
      control: time(database.control),
      heartbeats: time(database.heartbeats),
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    },
    times,
    forget: () => {
      for (const name of Object.keys(times)) delete times[name];
    },
  };
}

/** Summarises the same calls of several processes. */
export function summariseCalls(places: readonly TimesByCall[]): Readonly<Record<string, CallTimes>> {
  const names = new Set(places.flatMap((times) => Object.keys(times)));
  return Object.fromEntries(
    [...names].map((name) => [name, summarise(places.flatMap((times) => times[name] ?? []))]),
  );
}

/** @param times in milliseconds */
export function summarise(times: readonly number[]): CallTimes {
  const inOrder = [...times].sort((a, b) => a - b);
  return {
    count: inOrder.length,
    p50Ms: percentile(inOrder, 0.5),
    p99Ms: percentile(inOrder, 0.99),
    worstMs: percentile(inOrder, 1),
  };
}

/** Returns the smallest value that at least `share` of the sorted values do not exceed; NaN without values. */
export function percentile(inOrder: readonly number[], share: number): number {
  return inOrder[Math.max(0, Math.ceil(inOrder.length * share) - 1)] ?? Number.NaN;
}
