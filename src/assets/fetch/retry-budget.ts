import { KeepsakeError } from "../../errors.js";
import type { FetchLimits } from "./fetch-limits.js";

/**
 * Limits how long the files of one film are waited for, in all and by host. A host that was out of reach for the whole
 * time of the retries is not waited for again with each of its files, because a film of hundreds would never be made.
 */
export interface RetryBudget {
  /**
   * Runs one fetch from a place (a host) with the limits that remain for it.
   * @throws KeepsakeError `media-unreachable` when the time for all files is over
   */
  spend<Result>(place: string, fetch: (limits: FetchLimits) => Promise<Result>): Promise<Result>;
}

/** Long enough for a server within reach. */
const shortStallSeconds = 5;

export function createRetryBudget(limits: FetchLimits): RetryBudget {
  const endsAt = performance.now() + limits.totalSeconds * 1000;
  const outOfReach = new Set<string>();
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
        const result = await fetch({ ...limits, timeoutSeconds, ...(outOfReach.has(place) ? short : {}) });
        outOfReach.delete(place);
        return result;
      } catch (error) {
        if (error instanceof KeepsakeError && error.code === "media-unreachable") outOfReach.add(place);
        throw error;
      }
    },
  };
}
