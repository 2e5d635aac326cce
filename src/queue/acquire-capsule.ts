import { retry } from "../async/retry.js";
import { Stop } from "../async/stop.js";
import type { CallLimits, Database } from "../database/database.js";
import { KeepsakeError } from "../errors.js";
import type { AttemptRun } from "./attempt-run.js";
import { finished, lost, type AttemptResult, type Fence } from "./attempt.js";
import { databaseDelays, openShutdownGrace } from "./shutdown-grace.js";

/** `deferred`: another attempt renders this capsule, and the job was delayed. */
const answers = ["acquired", "deferred", "cancelled", "lost"] as const;

/**
 * Acquires the capsule for this attempt, so that no other attempt renders it at the same time.
 * @returns null when it was acquired; otherwise the result of the attempt
 * @throws Stop `out-of-reach` when the database does not answer before the safe end of the lease
 */
export async function acquire(
  { job, lease, context }: AttemptRun,
  capsuleId: string,
): Promise<AttemptResult | null> {
  using grace = openShutdownGrace(context.interrupt);
  const signal = AbortSignal.any([grace.signal, lease.signal]);
  let answer: (typeof answers)[number];
  try {
    answer = await retry(() => acquireCapsule(context.database, job, capsuleId, { signal }), {
      signal,
      ...databaseDelays,
    });
  } catch (error) {
    if (lease.signal.aborted) throw lease.signal.reason;
    if (!signal.aborted) throw error;
    throw new Stop("out-of-reach", "The database was out of reach before the film was started.");
  }
  const deferred = finished("deferred", { jobState: "waiting" });
  return { acquired: null, deferred, cancelled: finished("cancelled"), lost }[answer];
}

/**
 * Calls the SQL function. Safe to call again after a lost reply.
 * @throws KeepsakeError `database-unreachable` for any other answer: it comes from something between the worker and the
 *   database, such as a proxy, and must not end a job
 */
export async function acquireCapsule(
  database: Database,
  { msgId, readCount }: Fence,
  capsuleId: string,
  limits?: CallLimits,
): Promise<(typeof answers)[number]> {
  const values = { msg_id: msgId, read_ct: readCount, capsule_id: capsuleId };
  const reply = await database.control.call<unknown>("acquire", values, limits);
  const answer = answers.find((known) => known === reply);
  if (answer !== undefined) return answer;
  throw new KeepsakeError(
    "database-unreachable",
    `The server at ${database.address} does not answer like Keepsake's database: check the database settings.`,
  );
}
