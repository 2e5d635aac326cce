import { setTimeout as sleep } from "node:timers/promises";

import { toKeepsakeError } from "../errors.js";
import type { Log } from "../log.js";
import type { Database } from "./database.js";
import { toRequeued, type Requeued, type RequeuedRow } from "./requeue.js";

export interface SweepOptions {
  readonly database: Database;
  readonly workerName: string;
  /** 0: never. */
  readonly everySeconds: number;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Looks every few minutes for capsules that were closed and forgotten (the app crashed before it sent their job, or
 * somebody purged the queue) and enqueues them, until the signal is aborted. All workers ask; the database lets one of
 * them do it, and enqueues only what two sweeps found.
 */
export async function keepSweeping(options: SweepOptions): Promise<void> {
  const { everySeconds, log, signal } = options;
  if (everySeconds === 0) return;
  while (!signal.aborted) {
    try {
      for (const { capsuleId, msgId } of await sweep(options)) {
        log.warn({ capsuleId, msgId: String(msgId) }, "a closed capsule had no job; it was enqueued");
      }
    } catch (error) {
      if (signal.aborted) return;
      const { code, message } = toKeepsakeError(error);
      log.warn({ code, reason: message }, "closed capsules without a job could not be looked for");
    }
    // Late rather than early, so that a turn is not missed by a moment.
    const milliseconds = everySeconds * 1000 * (1 + Math.random() / 10);
    await sleep(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function sweep({ database, workerName, everySeconds, signal }: SweepOptions): Promise<Requeued[]> {
  const values = { worker: workerName, every_seconds: everySeconds };
  const rows = await database.control.call<RequeuedRow[]>("sweep", values, { signal });
  return rows.map(toRequeued);
}
