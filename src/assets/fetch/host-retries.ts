import { KeepsakeError } from "../../errors.js";
import type { FetchLimits } from "./fetch-limits.js";

/**
 * How long the files of one film are waited for. A place that was out of reach for as long as trouble is waited out is
 * not waited for again with every further file: with hundreds of them the film would never be made.
 */
export interface Patience {
  /**
   * Runs one fetch from a place (a host) with the limits that are left for it.
   * @throws KeepsakeError `media-unreachable` when the time for all files is over
   */
  spend<Result>(place: string, fetch: (limits: FetchLimits) => Promise<Result>): Promise<Result>;
}

/** Enough for a server that is there. */
const shortStallSeconds = 5;

export function createPatience(limits: FetchLimits): Patience {
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
