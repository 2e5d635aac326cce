import { openDeadline } from "../async/deadline.js";
import { backoffSeconds, jittered } from "../async/retry.js";
import { KeepsakeError, toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import type { AttemptHandler, AttemptResult } from "./attempt.js";
import type { PauseReason } from "./presence.js";

export interface BreakerOptions {
  /** Throws when films cannot be stored. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  /** Throws when the operator must fix something before any film can be published. */
  readonly checkSetup: (signal: AbortSignal) => Promise<void>;
  /** False: the setup is checked before the first claim. */
  readonly isSetupChecked: boolean;
  readonly log: Log;
  /** The wait between two probes grows from the first to the maximum. */
  readonly firstWaitSeconds: number;
  readonly maxWaitSeconds: number;
  /** A probe that takes longer has failed. Default 20. */
  readonly probeSeconds?: number;
}

/**
 * Stops claiming during an outage of storage, so that it does not use up the attempts of jobs, and so that no film is made
 * that cannot be published. While the breaker is closed, jobs are claimed. When an attempt fails because of the network or
 * the setup, storage is probed. If the probe fails too, the attempt is not counted, its job is returned to the queue, and
 * the breaker opens: nothing is claimed, and probes are repeated after growing waits. Once a probe succeeds, the breaker is
 * half open: films are made one at a time, until one of them is published.
 *
 * After an attempt that ended as `setup` the setup is checked before the next claim. A fault of one job (a film that is
 * too large for the plan) passes that check, and other jobs are claimed at once. An error of the database always opens the
 * breaker, because the next film most likely could not be published either.
 */
export interface Breaker {
  readonly protect: (handler: AttemptHandler) => AttemptHandler;
  readonly recordResult: (result: Pick<AttemptResult, "outcome" | "code" | "message">) => void;
  /** Returns why no job may be claimed now, or null. Probes when a probe is due. */
  readonly findPauseReason: (running: number, signal: AbortSignal) => Promise<PauseReason | null>;
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
  const { probe, checkSetup, log, firstWaitSeconds, maxWaitSeconds, probeSeconds = 20 } = options;
  let state: State = options.isSetupChecked
    ? { name: "closed" }
    : { name: "suspicious", before: { name: "closed" } };
  /** The number of times that the breaker was opened since it was closed. */
  let failures = 0;

  const open = (code: string, reason: string, isSetup: boolean): void => {
    const waitSeconds = jittered(backoffSeconds(failures, firstWaitSeconds, maxWaitSeconds));
    failures += 1;
    const probeAt = performance.now() + waitSeconds * 1000;
    state = { name: "open", code, reason, isSetup, probeAt };
  };
  const openFor = ({ fault, code, message }: KeepsakeError, isSetup = fault === "setup"): void =>
    open(fault === "setup" || concernsDatabase(code) ? code : "storage-outage", message, isSetup);

  const findFault = async (check: Check, signal: AbortSignal): Promise<KeepsakeError | null> => {
    using deadline = openDeadline({ seconds: probeSeconds, parent: signal });
    try {
      await check(deadline.signal);
      return null;
    } catch (error) {
      signal.throwIfAborted();
      if (!deadline.isOver()) return toKeepsakeError(error);
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
        // When several films fail at the same time, only the first of them makes the wait longer.
        if (state.name !== "open") openFor(outage);
        if (outage.fault === "setup") throw new KeepsakeError(outage.code, outage.message, { cause: error });
        throw new KeepsakeError(
          "storage-outage",
          `Storage is out of reach for all films, not only for this one: ${outage.message}`,
          { cause: error },
        );
      }
    },
    recordResult: ({ outcome, code, message }) => {
      if (outcome === "published" || outcome === "duplicate") {
        if (state.name === "half-open") log.info("a film was published again");
        if (state.name !== "open") state = { name: "closed" };
        if (state.name === "closed") failures = 0;
      } else if (outcome === "setup" && state.name !== "open") {
        if (code !== null && concernsDatabase(code)) open(code, message ?? code, true);
        else if (state.name !== "suspicious") state = { name: "suspicious", before: state };
      }
    },
    findPauseReason: async (running, signal) => {
      if (state.name === "suspicious" || (state.name === "open" && performance.now() >= state.probeAt)) {
        const before: State = state;
        const isSetup = before.name === "suspicious" || (before.name === "open" && before.isSetup);
        const fault = await findFault(isSetup ? checkSetup : probe, signal).catch(() => null);
        if (signal.aborted) return null;
        // The outage log reports an outage of the database. The reason of the pause does not change.
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
        const reason = "Films can be published again. Only one film is made until it is published.";
        return { code: "storage-recovering", reason, waitSeconds: maxWaitSeconds };
      }
      return null;
    },
  };
}

/** Whether an error may come from an outage of storage. The outage log reports those of the database. */
function mayBeOutage(error: unknown): boolean {
  const { fault, code } = toKeepsakeError(error);
  return (fault === "world" || fault === "setup") && !concernsDatabase(code);
}

/** Whether an error code is about the database as a whole: the schema `keepsake`, PGMQ, or the tables of the app. */
function concernsDatabase(code: string): boolean {
  return /^(database|migration|schema|queue|rights|pgmq|table|column|rows|capsule-table)-/.test(code);
}
