/**
 * Measures the speed and the cost of the queue. It uses a separate embedded database, because on a real database it
 * would publish films that do not exist. Workers are processes, as in production, and the server counts their statements.
 */
import { addCapsules, addPublished, dropJobs, delayJobs, sendJobs, tidyTables } from "./fill-queue.js";
import { measureCalls, measureIdleClaims } from "./measure-calls.js";
import { measureIdle, type IdleWorker } from "./measure-idle.js";
import { measureRecovery, type Recovery } from "./measure-recovery.js";
import { measureThroughput, type Throughput } from "./measure-throughput.js";
import { openQueueEnvironment, type QueueEnvironment } from "./open-queue-environment.js";
import type { BenchQueueOptions } from "./queue-options.js";
import type { CallTimes } from "./time-calls.js";

type Calls = Readonly<Record<string, CallTimes>>;

export interface BenchQueueResult {
  readonly server: QueueEnvironment["server"];
  readonly throughput: readonly Throughput[];
  /** Round trips of one caller, by SQL function. */
  readonly calls: {
    readonly empty: Calls;
    /** With `waiting` jobs in the queue and `archived` jobs in the archive. */
    readonly full: Calls;
    /** With all waiting jobs delayed, before visible ones are added. */
    readonly putOff: Calls;
  };
  /** Claims that find no job. */
  readonly idleClaims: { readonly empty: CallTimes; readonly putOff: CallTimes };
  readonly waiting: number;
  readonly archived: number;
  readonly idle: { readonly seconds: number; readonly workers: readonly IdleWorker[] };
  readonly recovery: Recovery;
}

/** Maximum number of rows that one statement inserts, so that none takes too long. */
const maxInsertedRows = 10_000;

/** @throws KeepsakeError `development-package-missing` or `embedded-database-failed`; the signal's reason */
export async function benchQueue(options: BenchQueueOptions): Promise<BenchQueueResult> {
  const { durable, jobs, workerCounts, calls, waiting, archived, idleSeconds, signal } = options;
  const reportStep = options.onStep ?? (() => undefined);
  await using environment = await openQueueEnvironment(durable, signal);
  const { database } = environment;

  const throughput: Throughput[] = [];
  for (const workers of workerCounts) {
    reportStep(`${jobs} jobs for ${workers} ${workers === 1 ? "worker" : "workers"}`);
    throughput.push(await measureThroughput(environment, workers, jobs, options));
  }
  reportStep("round trips with an empty queue");
  const empty = await measureCalls(database, calls, signal);
  const idleEmpty = await measureIdleClaims(database, calls);

  reportStep(`inserting ${archived} archived and ${waiting} waiting jobs`);
  await inChunks(archived, (count) => addPublished(database, count), signal);
  await inChunks(
    waiting,
    async (count) => await sendJobs(database, await addCapsules(database, count)),
    signal,
  );
  await tidyTables(database);
  reportStep("round trips with a full queue");
  const full = await measureCalls(database, calls, signal);

  await delayJobs(database);
  await tidyTables(database);
  reportStep("round trips with all waiting jobs delayed");
  const idlePutOff = await measureIdleClaims(database, calls);
  const putOff = await measureCalls(database, calls, signal);
  await dropJobs(database);

  reportStep(`observing idle workers for ${idleSeconds} s`);
  const workers = await measureIdle(environment, options);
  await dropJobs(database);
  reportStep("killing a worker");
  const recovery = await measureRecovery(environment, options);
  return {
    server: environment.server,
    throughput,
    calls: { empty, full, putOff },
    idleClaims: { empty: idleEmpty, putOff: idlePutOff },
    waiting,
    archived,
    idle: { seconds: idleSeconds, workers },
    recovery,
  };
}

async function inChunks(
  total: number,
  put: (count: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (let done = 0; done < total; done += maxInsertedRows) {
    signal.throwIfAborted();
    await put(Math.min(maxInsertedRows, total - done));
  }
}
