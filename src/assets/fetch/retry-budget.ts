import { KeepsakeError } from "../../errors.js";
import type { FetchLimits } from "./fetch-limits.js";

/**
 * Limits the waiting time for the files of one film, in total and per host. After a host was unreachable for a whole retry
 * period, its other files get short limits: otherwise a film with hundreds of its files would never be made.
 */
export interface RetryBudget {
  /**
   * Runs one fetch from a place (a host) with the limits that remain for it.
   * @throws KeepsakeError `media-unreachable` when the time for all files is over
   */
  spend<Result>(place: string, fetch: (limits: FetchLimits) => Promise<Result>): Promise<Result>;
}

/** Stall limit for a host that was unreachable before. A reachable server sends data sooner. */
const shortStallSeconds = 5;

export function createRetryBudget(limits: FetchLimits): RetryBudget {
  const endsAt = performance.now() + limits.totalSeconds * 1000;
  const unreachableHosts = new Set<string>();
  return {
    async spend(place, fetch) {
      const leftSeconds = (endsAt - performance.now()) / 1000;
      if (leftSeconds <= 0) {
        throw new KeepsakeError(
          "media-unreachable",
          `The capsule's files did not all arrive within ${limits.totalSeconds} s.`,
        );
      }
      const timeoutSeconds = Math.min(limits.timeoutSeconds, leftSeconds);
      const short = { retrySeconds: 0, stallSeconds: Math.min(shortStallSeconds, limits.stallSeconds) };
      try {
        const result = await fetch({
          ...limits,
          timeoutSeconds,
          ...(unreachableHosts.has(place) ? short : {}),
        });
        unreachableHosts.delete(place);
        return result;
      } catch (error) {
        if (error instanceof KeepsakeError && error.code === "media-unreachable") unreachableHosts.add(place);
        throw error;
      }
    },
  };
}
