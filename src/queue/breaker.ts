import { KeepsakeError, toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import type { AttemptHandler, Outcome } from "./attempt.js";
import { concernsDatabase } from "./concerns-database.js";
import type { Refusal } from "./refusal.js";

export interface BreakerOptions {
  /** Throws when films could not be put where they go. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  /** Throws when the operator must fix something before any film can be published. */
  readonly checkSetup: (signal: AbortSignal) => Promise<void>;
  /** False: it is checked before the first claim. */
  readonly isSetupChecked: boolean;
  readonly log: Log;
  /** The wait between probes grows from the one to the other. */
  readonly firstWaitSeconds: number;
  readonly longestWaitSeconds: number;
  /** Default 20: a probe without an answer for so long has failed. */
  readonly probeSeconds?: number;
}

/** How an attempt ended, as far as it says something of the attempts that follow. */
export interface AttemptNews {
  readonly outcome: Outcome;
  readonly code: string | null;
  readonly message: string | null;
}

/**
 * Keeps jobs from being burnt against an outage of storage, and films from being made that cannot be published. Closed,
 * it lets all pass. An attempt that fails by the world's or the operator's fault has storage probed; where that fails
 * too, the attempt is handed back uncounted and the breaker is open: nothing is claimed. Probes follow, each after a
 * longer wait; once one passes the breaker is half open: films are made one at a time, until one of them is published.
 *
 * An attempt that ended as `setup` makes the breaker check the setup before the next claim. A fault of one job (a film
 * too large for the plan) passes that check, and other jobs are taken at once. A refusal of the database opens the
 * breaker whatever the check says, because the next film would most likely be made for nothing too.
 */
export interface Breaker {
  readonly protect: (handler: AttemptHandler) => AttemptHandler;
  readonly ended: (news: AttemptNews) => void;
  /** Why no job may be claimed now, or null; probes when it is time. */
  readonly refuse: (running: number, signal: AbortSignal) => Promise<Refusal | null>;
}

type State =
  | { readonly name: "closed" | "half-open" }
  | { readonly name: "suspicious"; readonly before: State }
  | {
      readonly name: "open";
      readonly code: string;
      readonly reason: string;
      readonly isSetup: boolean;
      readonly probeAt: number;
    };

type Check = BreakerOptions["probe"];

export function createBreaker(options: BreakerOptions): Breaker {
  const { probe, checkSetup, log, firstWaitSeconds, longestWaitSeconds, probeSeconds = 20 } = options;
  let state: State = options.isSetupChecked
    ? { name: "closed" }
    : { name: "suspicious", before: { name: "closed" } };
  /** How often the breaker was opened since it was closed. */
  let failures = 0;

  const open = (code: string, reason: string, isSetup: boolean): void => {
    const waitSeconds = Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** failures);
    failures += 1;
    const probeAt = performance.now() + waitSeconds * (0.5 + Math.random() / 2) * 1000;
    state = { name: "open", code, reason, isSetup, probeAt };
  };
  const openFor = ({ fault, code, message }: KeepsakeError, isSetup = fault === "setup"): void =>
    open(fault === "setup" || concernsDatabase(code) ? code : "storage-outage", message, isSetup);

  const findFault = async (check: Check, signal: AbortSignal): Promise<KeepsakeError | null> => {
    const patience = AbortSignal.timeout(probeSeconds * 1000);
    try {
      await check(AbortSignal.any([signal, patience]));
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
        return await handler(attempt);
      } catch (error) {
        if (attempt.signal.aborted || !mayBeOutage(error)) throw error;
        const outage = await findFault(probe, attempt.signal);
        if (outage === null) throw error;
        // Of several films that fail at once only the first makes the wait longer.
        if (state.name !== "open") openFor(outage);
        if (outage.fault === "setup") throw new KeepsakeError(outage.code, outage.message, { cause: error });
        throw new KeepsakeError(
          "storage-outage",
          `Storage is out of reach for every film, not for this one alone: ${outage.message}`,
          { cause: error },
        );
      }
    },
    ended: ({ outcome, code, message }) => {
      if (outcome === "published" || outcome === "duplicate") {
        if (state.name === "half-open") log.info("a film was published again");
        if (state.name !== "open") state = { name: "closed" };
        if (state.name === "closed") failures = 0;
      } else if (outcome === "setup" && state.name !== "open") {
        if (code !== null && concernsDatabase(code)) open(code, message ?? code, true);
        else if (state.name !== "suspicious") state = { name: "suspicious", before: state };
      }
    },
    refuse: async (running, signal) => {
      if (state.name === "suspicious" || (state.name === "open" && performance.now() >= state.probeAt)) {
        const before: State = state;
        const isSetup = before.name === "suspicious" || (before.name === "open" && before.isSetup);
        const fault = await findFault(isSetup ? checkSetup : probe, signal).catch(() => null);
        if (signal.aborted) return null;
        // An outage of the database in a hold is said in its own lines; why nothing is claimed stays what it was.
        if (before.name === "open" && fault?.code === "database-unreachable")
          open(before.code, before.reason, before.isSetup);
        else if (fault !== null) openFor(fault, isSetup);
        else state = before.name === "suspicious" ? before.before : { name: "half-open" };
      }
      if (state.name === "open") {
        const waitSeconds = Math.max(0, state.probeAt - performance.now()) / 1000;
        return { code: state.code, reason: state.reason, waitSeconds };
      }
      if (state.name === "half-open" && running > 0) {
        const reason = "Films can be published again; one film is made first.";
        return { code: "storage-recovering", reason, waitSeconds: longestWaitSeconds };
      }
      return null;
    },
  };
}

/** Whatever is neither the film's nor the database's fault; the database tells of its own outages. */
function mayBeOutage(error: unknown): boolean {
  const { fault, code } = toKeepsakeError(error);
  return (fault === "world" || fault === "setup") && !concernsDatabase(code);
}
