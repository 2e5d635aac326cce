import { setTimeout as sleep } from "node:timers/promises";

import type { Database } from "../database/database.js";
import type { Log } from "../log.js";
import { warnUnlessOutage } from "./outage-log.js";
import { pruneRecords } from "./prune.js";

export interface SweepOptions {
  readonly database: Database;
  readonly workerName: string;
  /** Seconds between two sweeps; 0: no sweeps. */
  readonly everySeconds: number;
  /** Older records are gradually deleted; 0: none are. */
  readonly keepDays: number;
  /** Called after each sweep, by every worker. Never rejects. */
  readonly afterSweep?: (signal: AbortSignal) => Promise<void>;
  readonly log: Log;
}

/**
 * Searches every few minutes for closed capsules without a job (the app crashed before it sent one, or the queue was
 * emptied) and enqueues them, until it is disposed. All workers call the database, which runs one sweep per interval and
 * enqueues only capsules that two sweeps found. Then each worker deletes some old records.
 */
export function startSweeping(options: SweepOptions): AsyncDisposable {
  const stopping = new AbortController();
  const sweeping = options.everySeconds === 0 ? null : sweepUntilAborted(options, stopping.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await sweeping;
    },
  };
}

async function sweepUntilAborted(options: SweepOptions, signal: AbortSignal): Promise<void> {
  const { everySeconds, keepDays, log } = options;
  let lastDenied: string | null = null;
  while (!signal.aborted) {
    try {
      for (const { capsule_id, msg_id } of await sweep(options, signal)) {
        log.warn(
          { capsuleId: capsule_id, msgId: String(msg_id) },
          "a closed capsule had no job; it was enqueued",
        );
      }
    } catch (error) {
      if (signal.aborted) return;
      warnUnlessOutage(log, error, "the search for closed capsules without a job failed");
    }
    if (keepDays > 0) lastDenied = await pruneAndLog(options, lastDenied, signal);
    await options.afterSweep?.(signal);
    // The wait is up to a tenth longer, because a sweep that comes too early is skipped.
    const milliseconds = everySeconds * 1000 * (1 + Math.random() / 10);
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}

async function sweep(
  { database, workerName, everySeconds }: SweepOptions,
  signal: AbortSignal,
): Promise<readonly { readonly capsule_id: string; readonly msg_id: number }[]> {
  const values = { worker: workerName, every_seconds: everySeconds };
  return await database.control.call("sweep", values, { signal });
}

/** @returns why records may not be deleted, so that it is logged once and not after every sweep */
async function pruneAndLog(
  { database, keepDays, log }: SweepOptions,
  lastDenied: string | null,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const { denied, ...counts } = await pruneRecords(database, keepDays, signal);
    if (Object.values(counts).some((count) => count > 0))
      log.info({ ...counts, keepDays }, "deleted old records");
    if (denied !== null && denied !== lastDenied)
      log.warn({ reason: denied }, "not all old records can be deleted");
    return denied;
  } catch (error) {
    if (signal.aborted) return lastDenied;
    warnUnlessOutage(log, error, "old records could not be deleted");
    return lastDenied;
  }
}
