import { setTimeout as sleep } from "node:timers/promises";

import { KeepsakeError, toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import { probeChildren } from "../process/probe-children.js";
import type { AttemptHandler } from "../queue/attempt.js";
import { openWorkFolder } from "../files/work-folder.js";

export interface ChildHealthOptions {
  readonly workFolder: string;
  readonly log: Log;
  /** The worker is being stopped: nothing is probed any more. */
  readonly signal: AbortSignal;
  /** The wait between probes grows from the one to the other while they fail. */
  readonly firstWaitSeconds?: number;
  readonly longestWaitSeconds?: number;
}

/**
 * Keeps jobs from being lost to a machine on which no film can be made, because the processes that make them die
 * whatever they are given. Nothing is claimed until a probe child has done its task. An attempt that a child's death
 * ended has the machine probed again, and is handed back uncounted where that fails too, or where the worker is being
 * stopped: the supervisor that stops it may have ended the child as well.
 */
export interface ChildHealth {
  /** Why no film can be made here, so that no job may be claimed, or null; probes when it is time. */
  readonly findFailure: () => Promise<KeepsakeError | null>;
  readonly protect: (handler: AttemptHandler) => AttemptHandler;
}

/** The process ended without an answer, which a broken machine does to each of them. */
const deaths: ReadonlySet<string> = new Set(["child-crashed", "child-killed"]);
/** A supervisor that stops a whole group signals one process after the other, this one perhaps last. */
const groupStopMilliseconds = 1_000;

export function createChildHealth(options: ChildHealthOptions): ChildHealth {
  const { workFolder, log, signal, firstWaitSeconds = 5, longestWaitSeconds = 60 } = options;
  let state: "unknown" | "sound" | { readonly error: KeepsakeError; readonly probeAt: number } = "unknown";
  let failures = 0;
  let probing: Promise<void> | null = null;

  const probe = async (): Promise<void> => {
    try {
      await using folder = await openWorkFolder(workFolder);
      const { isSandboxed, sentence } = await probeChildren(folder.path, signal);
      if (state !== "sound") log[isSandboxed ? "info" : "warn"](sentence);
      state = "sound";
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      const waitSeconds = Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** failures);
      failures += 1;
      state = { error: toKeepsakeError(error), probeAt: performance.now() + waitSeconds * 1000 };
    }
  };
  /** Films that fail at once share a probe. */
  const probeOnce = async (): Promise<void> => {
    probing ??= probe().finally(() => {
      probing = null;
    });
    await probing;
  };
  const failure = (): KeepsakeError | null => (typeof state === "string" ? null : state.error);

  return {
    findFailure: async () => {
      if (state === "unknown" || (state !== "sound" && performance.now() >= state.probeAt)) await probeOnce();
      return failure();
    },
    protect: (handler) => async (attempt) => {
      try {
        return await handler(attempt);
      } catch (error) {
        const { code, message } = toKeepsakeError(error);
        if (attempt.signal.aborted || !deaths.has(code)) throw error;
        const isStopped = await isAbortedWithin(signal, groupStopMilliseconds);
        if (!isStopped) await probeOnce();
        const found = failure();
        if (found !== null) throw new KeepsakeError("child-probe-failed", found.message, { cause: error });
        // A stop ends the probe too, so that nothing is known of the machine.
        if (!signal.aborted) throw error;
        throw new KeepsakeError("child-stopped", `The worker was being stopped. ${message}`, {
          cause: error,
        });
      }
    },
  };
}

async function isAbortedWithin(signal: AbortSignal, milliseconds: number): Promise<boolean> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
  return signal.aborted;
}
