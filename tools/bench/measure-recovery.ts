import { setTimeout as sleep } from "node:timers/promises";

import type { BenchQueueOptions } from "./queue-options.js";
import { addCapsules, sendJobs } from "./fill-queue.js";
import type { QueueEnvironment } from "./open-queue-environment.js";
import type { QueueWorkerInput } from "./queue-worker-child.js";
import { startQueueWorkers, waitForFilms } from "./start-queue-workers.js";
import { percentile } from "./time-calls.js";
import { waitUntil } from "./wait-until.js";

export interface Recovery {
  readonly jobs: number;
  readonly leaseSeconds: number;
  /** Median time from the kill of a worker to another worker's claim of the same job. */
  readonly p50Seconds: number;
  readonly worstSeconds: number;
  /** The same time counted from the end of the lease, which is the other worker's wait between two polls. */
  readonly p50AfterLeaseSeconds: number;
  readonly worstAfterLeaseSeconds: number;
}

/** Kills a worker (SIGKILL) that is making films, and measures when an idle one takes them over. */
export async function measureRecovery(
  environment: QueueEnvironment,
  options: BenchQueueOptions,
): Promise<Recovery> {
  const { database } = environment;
  const { recoveryJobs: jobs, leaseSeconds, settleSeconds } = options;
  const [victimName, heirName] = ["bench-killed", "bench-heir"];
  const inputOf = async (name: string): Promise<QueueWorkerInput> => {
    return { url: await environment.addWorker(name), name, slots: jobs, leaseSeconds, films: "endless" };
  };
  await sendJobs(database, await addCapsules(database, jobs));

  await using victim = startQueueWorkers([await inputOf(victimName)], options);
  await victim.during((signal) => waitForFilms(database, jobs, signal));
  await using heir = startQueueWorkers([await inputOf(heirName)], options);
  await heir.ready;
  await victim.during((signal) => sleep(settleSeconds * 1000, undefined, { signal }));

  await victim.kill();
  const [now] = await database.sql<{ at: Date }[]>`select clock_timestamp() as at`;
  const killedAt = now?.at ?? new Date();
  const findHeirs = async () => {
    const rows = await database.sql<{ seconds: number; afterLeaseSeconds: number }[]>`
      select
        extract(epoch from heir.started_at - ${killedAt}::timestamptz)::double precision as seconds,
        extract(epoch from heir.started_at - victim.heartbeat_at)::double precision - ${leaseSeconds}::integer
          as "afterLeaseSeconds"
      from keepsake.attempts as heir
      join keepsake.attempts as victim on victim.msg_id = heir.msg_id and victim.enqueued_at = heir.enqueued_at
      where heir.worker = ${heirName}::text and victim.worker = ${victimName}::text`;
    return rows.length === jobs ? rows : null;
  };
  const rows = await heir.during((signal) => waitUntil(findHeirs, signal));
  const seconds = rows.map((row) => row.seconds).sort((a, b) => a - b);
  const afterLease = rows.map((row) => row.afterLeaseSeconds).sort((a, b) => a - b);
  return {
    jobs: rows.length,
    leaseSeconds,
    p50Seconds: percentile(seconds, 0.5),
    worstSeconds: percentile(seconds, 1),
    p50AfterLeaseSeconds: percentile(afterLease, 0.5),
    worstAfterLeaseSeconds: percentile(afterLease, 1),
  };
}
