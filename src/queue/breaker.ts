import { KeepsakeError, toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import type { AttemptHandler } from "./attempt.js";
import type { Refusal } from "./refusal.js";

export interface BreakerOptions {
  /** Throws when films could not be put where they go. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  readonly log: Log;
  /** The wait between probes grows from the one to the other. */
  readonly firstWaitSeconds: number;
  readonly longestWaitSeconds: number;
  /** Default 20: a probe without an answer for so long has failed. */
  readonly probeSeconds?: number;
}

/**
 * Keeps jobs from being burnt against an outage of storage. Closed, it lets all pass. An attempt that fails by the
 * world's fault has storage probed; where that fails too, the attempt is handed back uncounted and the breaker is
 * open: nothing is claimed. Probes follow, each after a longer wait; once one passes the breaker is half open: films
 * are made one at a time, until one of them is in the store.
 */
export interface Breaker {
  readonly protect: (handler: AttemptHandler) => AttemptHandler;
  /** Why no job may be claimed now, or null; probes when it is time. */
  readonly refuse: (running: number, signal: AbortSignal) => Promise<Refusal | null>;
}

type State =
  | { readonly name: "closed" }
  | { readonly name: "open"; readonly reason: string; readonly probeAt: number }
  | { readonly name: "half-open" };

export function createBreaker(options: BreakerOptions): Breaker {
  const { probe, log, firstWaitSeconds, longestWaitSeconds, probeSeconds = 20 } = options;
  let state: State = { name: "closed" };
  /** Probes in vain since the breaker was closed. */
  let failures = 0;

  const open = ({ message }: KeepsakeError): void => {
    const waitSeconds = Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** failures);
    failures += 1;
    const probeAt = performance.now() + waitSeconds * (0.5 + Math.random() / 2) * 1000;
    state = { name: "open", reason: message, probeAt };
  };

  const findOutage = async (signal: AbortSignal): Promise<KeepsakeError | null> => {
    const patience = AbortSignal.timeout(probeSeconds * 1000);
    try {
      await probe(AbortSignal.any([signal, patience]));
      return null;
    } catch (error) {
      signal.throwIfAborted();
      if (!patience.aborted) return toKeepsakeError(error);
      return new KeepsakeError("storage-unavailable", `Storage gave no answer in ${probeSeconds} s.`);
    }
  };

  return {
    protect: (handler) => async (attempt) => {
      try {
        const end = await handler(attempt);
        if (state.name === "half-open") {
          state = { name: "closed" };
          failures = 0;
          log.info("a film got into storage again");
        }
        return end;
      } catch (error) {
        if (attempt.signal.aborted || !mayBeOutage(error)) throw error;
        const outage = await findOutage(attempt.signal);
        if (outage === null) throw error;
        // Of several films that fail at once only the first makes the wait longer.
        if (state.name !== "open") open(outage);
        throw new KeepsakeError(
          "storage-outage",
          `Storage is out of reach for every film, not for this one alone: ${outage.message}`,
          { cause: error },
        );
      }
    },
    refuse: async (running, signal) => {
      if (state.name === "open") {
        if (performance.now() >= state.probeAt) {
          const outage = await findOutage(signal).catch(() => null);
          if (signal.aborted) return null;
          if (outage === null) state = { name: "half-open" };
          else open(outage);
        }
      }
      if (state.name === "open") {
        const waitSeconds = Math.max(0, state.probeAt - performance.now()) / 1000;
        return { code: "storage-outage", reason: state.reason, waitSeconds };
      }
      if (state.name === "half-open" && running > 0) {
        const reason = "Storage answers again; one film is made first.";
        return { code: "storage-recovering", reason, waitSeconds: longestWaitSeconds };
      }
      return null;
    },
  };
}

/** Whatever is neither the film's nor the database's fault; the database tells of its own outages. */
function mayBeOutage(error: unknown): boolean {
  const { fault, code } = toKeepsakeError(error);
  return (fault === "world" || fault === "setup") && !code.startsWith("database-");
}
