import { setTimeout as sleep } from "node:timers/promises";

import type { Log } from "../log.js";
import type { Database } from "../database/database.js";
import { warnUnlessOutage } from "./outage-log.js";
import { pruneRecords } from "./prune.js";
import { toRequeued, type Requeued, type RequeuedRow } from "../operator/requeue.js";

export interface SweepOptions {
  readonly database: Database;
  readonly workerName: string;
  /** 0: never. */
  readonly everySeconds: number;
  /** What ended longer ago is deleted by and by; 0: nothing is. */
  readonly keepDays: number;
  /** Done after each sweep, by every worker; it never fails. */
  readonly afterSweep?: (signal: AbortSignal) => Promise<void>;
  readonly log: Log;
}

/**
 * Looks every few minutes for capsules that were closed and forgotten (the app crashed before it sent their job, or
 * somebody emptied the queue) and enqueues them, until it is disposed. All workers ask; the database lets one of them
 * do it, and enqueues only what two sweeps found. After that some of what is older than anybody asks for is deleted.
 */
export function startSweeping(options: SweepOptions): AsyncDisposable {
  const stopping = new AbortController();
  const sweeping = options.everySeconds === 0 ? null : keepSweeping(options, stopping.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await sweeping;
    },
  };
}

async function keepSweeping(options: SweepOptions, signal: AbortSignal): Promise<void> {
  const { everySeconds, keepDays, log } = options;
  let lastDenied: string | null = null;
  while (!signal.aborted) {
    try {
      for (const { capsuleId, msgId } of await sweep(options, signal)) {
        log.warn({ capsuleId, msgId: String(msgId) }, "a closed capsule had no job; it was enqueued");
      }
    } catch (error) {
      if (signal.aborted) return;
      warnUnlessOutage(log, error, "closed capsules without a job could not be looked for");
    }
    if (keepDays > 0) lastDenied = await pruneAndTell(options, lastDenied, signal);
    await options.afterSweep?.(signal);
    // Late rather than early, so that a turn is not missed by a moment.
    const milliseconds = everySeconds * 1000 * (1 + Math.random() / 10);
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}

async function sweep(
  { database, workerName, everySeconds }: SweepOptions,
  signal: AbortSignal,
): Promise<readonly Requeued[]> {
  const values = { worker: workerName, every_seconds: everySeconds };
  const rows = await database.control.call<RequeuedRow[]>("sweep", values, { signal });
  return rows.map(toRequeued);
}

/** @returns what may not be deleted, so that it is said once and not with every sweep */
async function pruneAndTell(
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
