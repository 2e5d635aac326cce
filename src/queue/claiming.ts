import type { Log } from "../log.js";
import { toKeepsakeError } from "../errors.js";
import { claimJob, type ClaimedJob } from "./claim-job.js";
import type { Database } from "./database.js";
import type { Slots } from "./slots.js";

export interface ClaimingOptions {
  readonly database: Database;
  readonly workerName: string;
  readonly leaseSeconds: number;
  readonly busyPollSeconds: number;
  readonly idlePollSeconds: number;
  readonly stopWhenEmpty: boolean;
  readonly slots: Slots;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * Yields jobs while there are any and a slot is free for each: at once when a slot frees, else after a wait that
 * doubles from the busy to the idle one. Nothing is listened for: through a transaction pooler nobody would hear it,
 * and a film takes minutes. A claim that fails is tried again after the same waits.
 */
export async function* claimJobs(options: ClaimingOptions): AsyncGenerator<ClaimedJob, void> {
  const { slots, signal, log } = options;
  let pollSeconds = options.busyPollSeconds;
  while (!signal.aborted) {
    if (slots.free === 0) {
      await slots.changed(signal, null);
      continue;
    }
    let empty = false;
    try {
      const job = await claimJob(options.database, options.workerName, options.leaseSeconds);
      if (job !== null) {
        pollSeconds = options.busyPollSeconds;
        yield job;
        continue;
      }
      empty = true;
    } catch (error) {
      const { code, message } = toKeepsakeError(error);
      log.warn({ code, reason: message }, "no job could be claimed");
    }
    if (empty && options.stopWhenEmpty && slots.busy === 0) return;
    await slots.changed(signal, pollSeconds * (0.8 + Math.random() * 0.4));
    pollSeconds = Math.min(pollSeconds * 2, options.idlePollSeconds);
  }
}
