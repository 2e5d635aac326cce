/**
 * What the queue does and what it costs, on an embedded database of its own: never on the app's, where it would publish
 * films that nobody made. Workers are processes, as users run them; what they do is counted by the server.
 */
import { addCapsules, addPublished, dropJobs, putOffJobs, sendJobs, tidyTables } from "./fill-queue.js";
import { measureCalls, measureIdleClaims } from "./measure-calls.js";
import { measureIdle, type IdleWorker } from "./measure-idle.js";
import { measureRecovery, type Recovery } from "./measure-recovery.js";
import { measureThroughput, type Throughput } from "./measure-throughput.js";
import { openQueueRoom, type QueueRoom } from "./open-queue-room.js";
import type { CallTimes } from "./time-calls.js";

export interface BenchQueueOptions {
  /** Whether the server waits for its disk. */
  readonly durable: boolean;
  /** Of each run at full speed. */
  readonly jobs: number;
  readonly workerCounts: readonly number[];
  /** Round trips of each kind. */
  readonly calls: number;
  /** Jobs that wait, and jobs that were archived, while round trips are measured. */
  readonly waiting: number;
  readonly archived: number;
  /** How long idle workers are watched, and how long they are left alone before. */
  readonly idleSeconds: number;
  readonly settleSeconds: number;
  /** How many jobs a killed worker leaves behind, under a lease of how long. */
  readonly recoveryJobs: number;
  readonly leaseSeconds: number;
  /** Private and existing. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onStep?: (step: string) => void;
}

type Calls = Readonly<Record<string, CallTimes>>;

export interface BenchQueueResult {
  readonly server: QueueRoom["server"];
  readonly throughput: readonly Throughput[];
  /** Round trips of one caller, by the SQL function that is called. */
  readonly calls: {
    readonly empty: Calls;
    /** With `waiting` jobs in the queue and `archived` ones behind them. */
    readonly full: Calls;
    /** With all those that wait put off, before the ones that are visible. */
    readonly putOff: Calls;
  };
  /** Claims that find nothing. */
  readonly idleClaims: { readonly empty: CallTimes; readonly putOff: CallTimes };
  readonly waiting: number;
  readonly archived: number;
  readonly idle: { readonly seconds: number; readonly workers: readonly IdleWorker[] };
  readonly recovery: Recovery;
}

/** Of rows that are put in with one statement: a client's answer to one must not take too long. */
const chunk = 10_000;

/** @throws KeepsakeError `development-package-missing` or `embedded-database-failed`; the signal's reason */
export async function benchQueue(options: BenchQueueOptions): Promise<BenchQueueResult> {
  const { durable, jobs, workerCounts, calls, waiting, archived, idleSeconds, signal } = options;
  const say = options.onStep ?? (() => undefined);
  await using room = await openQueueRoom(durable, signal);
  const { database } = room;

  const throughput: Throughput[] = [];
  for (const workers of workerCounts) {
    say(`${jobs} jobs for ${workers} ${workers === 1 ? "worker" : "workers"}`);
    throughput.push(await measureThroughput(room, workers, jobs, options));
  }
  say("round trips with an empty queue");
  const empty = await measureCalls(database, calls, signal);
  const idleEmpty = await measureIdleClaims(database, calls);

  say(`putting in ${archived} archived and ${waiting} waiting jobs`);
  await inChunks(archived, (count) => addPublished(database, count), signal);
  await inChunks(
    waiting,
    async (count) => await sendJobs(database, await addCapsules(database, count)),
    signal,
  );
  await tidyTables(database);
  say("round trips with a full queue");
  const full = await measureCalls(database, calls, signal);

  await putOffJobs(database);
  await tidyTables(database);
  say("round trips with all those jobs put off");
  const idlePutOff = await measureIdleClaims(database, calls);
  const putOff = await measureCalls(database, calls, signal);
  await dropJobs(database);

  say(`watching idle workers for ${idleSeconds} s`);
  const workers = await measureIdle(room, options);
  await dropJobs(database);
  say("killing a worker");
  const recovery = await measureRecovery(room, options);
  return {
    server: room.server,
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
  for (let done = 0; done < total; done += chunk) {
    signal.throwIfAborted();
    await put(Math.min(chunk, total - done));
  }
}
