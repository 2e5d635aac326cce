import { setTimeout as sleep } from "node:timers/promises";

import { backoffSeconds } from "../async/retry.js";
import { KeepsakeError, toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import { probeChildren } from "../process/probe-children.js";
import type { AttemptHandler } from "../queue/attempt.js";
import { openWorkFolder } from "../files/work-folder.js";

export interface ChildHealthOptions {
  readonly workFolder: string;
  readonly log: Log;
  /** Aborted when the worker is shutting down. Nothing is probed after that. */
  readonly signal: AbortSignal;
  /** While probes fail, the wait between them grows from `firstWaitSeconds` to `maxWaitSeconds`. */
  readonly firstWaitSeconds?: number;
  readonly maxWaitSeconds?: number;
}

/**
 * Protects jobs from a machine on which no film can be made, because child processes die with any task. Nothing is claimed
 * until a probe child has done its task. When a child's death ends an attempt, the machine is probed again. If that probe
 * fails too, the job is returned to the queue and the attempt is not counted. The same happens while the worker is being
 * stopped, because the supervisor may have killed the child as well.
 */
export interface ChildHealth {
  /** Probes when a probe is due. Returns why no film can be made here, so that no job may be claimed, or null. */
  readonly findFailure: () => Promise<KeepsakeError | null>;
  readonly protect: (handler: AttemptHandler) => AttemptHandler;
}

/** Codes of a process that ended without an answer. On a broken machine every process does. */
const deathCodes: ReadonlySet<string> = new Set(["child-crashed", "child-killed"]);
/** A supervisor that stops a whole group signals its processes one by one, possibly the worker's own process last. */
const groupStopMilliseconds = 1_000;

export function createChildHealth(options: ChildHealthOptions): ChildHealth {
  const { workFolder, log, signal, firstWaitSeconds = 5, maxWaitSeconds = 60 } = options;
  let state: "unknown" | "healthy" | { readonly error: KeepsakeError; readonly probeAt: number } = "unknown";
  let failures = 0;
  let probing: Promise<void> | null = null;

  const probe = async (): Promise<void> => {
    try {
      await using folder = await openWorkFolder(workFolder);
      const { isSandboxed, sentence } = await probeChildren(folder.path, signal);
      if (state !== "healthy") log[isSandboxed ? "info" : "warn"](sentence);
      state = "healthy";
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      const waitSeconds = backoffSeconds(failures, firstWaitSeconds, maxWaitSeconds);
      failures += 1;
      state = { error: toKeepsakeError(error), probeAt: performance.now() + waitSeconds * 1000 };
    }
  };
  /** Films that fail at the same time share one probe. */
  const probeOnce = async (): Promise<void> => {
    probing ??= probe().finally(() => {
      probing = null;
    });
    await probing;
  };
  const failure = (): KeepsakeError | null => (typeof state === "string" ? null : state.error);

  return {
    findFailure: async () => {
      if (state === "unknown" || (state !== "healthy" && performance.now() >= state.probeAt))
        await probeOnce();
      return failure();
    },
    protect: (handler) => async (attempt) => {
      try {
        return await handler(attempt);
      } catch (error) {
        const { code, message } = toKeepsakeError(error);
        if (attempt.signal.aborted || !deathCodes.has(code)) throw error;
        const isStopped = await isAbortedWithin(signal, groupStopMilliseconds);
        if (!isStopped) await probeOnce();
        const found = failure();
        if (found !== null) throw new KeepsakeError("child-probe-failed", found.message, { cause: error });
        // A stop ends the probe too, so the state of the machine is unknown.
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
