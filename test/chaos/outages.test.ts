import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll } from "vitest";

import { retryQuery } from "./retry-query.js";
import { attack } from "./attack.js";
import type { ChaosEnvironment } from "./chaos-environment.js";
import { openRestartingDatabase, type RestartingDatabase } from "./open-restarting-database.js";
import type { WorkerProcess } from "./worker-process.js";

let database: RestartingDatabase;
beforeAll(async () => {
  database = await openRestartingDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const settings = {
  slots: 2,
  leaseSeconds: 6,
  heartbeatSeconds: 1,
  leaseMarginSeconds: 2,
  drainSeconds: 1,
  idlePollSeconds: 2,
};

/** On a busy machine a worker may notice the end of a lease seconds late. Then it does not know that it was an outage. */
const longLease = { ...settings, leaseSeconds: 12, leaseMarginSeconds: 6 };

/**
 * PostgreSQL is stopped for half a lease to five leases, again and again, while films are made. No worker is killed, so no
 * attempt may be counted as a crash or as failed, and no job may become a dead letter. In every fifth outage one worker
 * gets SIGTERM and another is started without a database.
 */
attack(
  "outages",
  {
    small: {
      workers: 2,
      outages: 3,
      jobsPerOutage: 4,
      seconds: [1, 4],
      leases: [0.5, 2],
      settings: longLease,
    },
    full: { workers: 3, outages: 20, jobsPerOutage: 5, seconds: [2, 12], leases: [0.5, 5], settings },
  },
  async (dose, environment) => {
    const between = ([least = 0, most = 0]: readonly number[]): number =>
      least + environment.random() * (most - least);
    const jobs = dose.outages * dose.jobsPerOutage;
    const startedAt = Date.now();
    // All jobs are sent before the first outage, because a crash leaves a gap in the queue's ids.
    const plans = Array.from({ length: jobs }, () => ({ seconds: between(dose.seconds) }));
    await environment.enqueue(plans);
    await environment.sql`update pgmq.q_video_jobs_queue set vt = clock_timestamp() + interval '1 day'`;
    const workers: WorkerProcess[] = [];
    const startWorker = (): void => void workers.push(environment.startWorker(dose.settings, database.url));
    for (let index = 0; index < dose.workers; index += 1) startWorker();

    const endings = new Map<string, string>();
    environment.events.on("ended", ({ msgId, readCount, outcome, code, message }: Ended) => {
      endings.set(`job ${msgId}, delivery ${readCount}`, `${outcome} (${code}: ${message})`);
    });

    const lengths = lengthsOf(dose.leases, dose.outages).toSorted(() => environment.random() - 0.5);
    let filmsMet = 0;
    let stopped = 0;
    for (const [turn, leases] of lengths.entries()) {
      await release(environment, dose.jobsPerOutage);
      await sleep(between([2, 4]) * 1000);
      filmsMet += await filmsRunning(environment);
      await database.stop(turn % 2 === 0 ? "shutdown" : "crash");
      const awaySeconds = leases * dose.settings.leaseSeconds;
      const isExchange = turn % 5 === 4 || dose.outages < 5;
      if (isExchange) {
        await sleep((awaySeconds / 2) * 1000);
        workers.shift()?.kill("SIGTERM");
        startWorker();
        stopped += 1;
      }
      await sleep((isExchange ? awaySeconds / 2 : awaySeconds) * 1000);
      await database.start();
    }
    await environment.until("every job is done", async () => (await jobsLeft(environment)) === 0, 400);
    const attackSeconds = (Date.now() - startedAt) / 1000;
    for (const worker of workers) worker.kill("SIGTERM");
    await Promise.all(environment.workers.map(({ exited }) => exited));

    const { ends, vanished, ...counts } = await countEnds(environment);
    const wrong = { ...counts, workersThatDied: await countDeaths(environment) };
    return {
      figures: {
        workers: dose.workers,
        slotsPerWorker: dose.settings.slots,
        leaseSeconds: dose.settings.leaseSeconds,
        jobs,
        outages: dose.outages,
        outageLeases: lengths.map((leases) => Math.round(leases * 100) / 100),
        workersStoppedInAnOutage: stopped,
        attackSeconds,
        filmsMet,
        ends,
        ...wrong,
      },
      violations: [
        ...Object.entries(wrong)
          .filter(([name, count]) => name !== "retriedDeadLetters" && count > 0)
          .map(([name, count]) => `${name}: ${count}`),
        ...vanished.map(
          (attempt) => `${attempt}, which ended as ${endings.get(attempt) ?? "nothing"} for its worker`,
        ),
      ],
    };
  },
  () => ({ databaseUrl: database.url }),
);

/** Returns numbers from the first to the last in equal steps. */
function lengthsOf([least = 0, most = 0]: readonly number[], count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => least + ((most - least) * index) / (count - 1));
}

async function jobsLeft({ sql }: ChaosEnvironment): Promise<number> {
  const [row] = await retryQuery(
    () => sql<{ jobs: number }[]>`select count(*)::int as jobs from pgmq.q_video_jobs_queue`,
  );
  return row?.jobs ?? 0;
}

/** Lets the next jobs be claimed. */
async function release({ sql }: ChaosEnvironment, count: number): Promise<void> {
  await retryQuery(
    () => sql`
      update pgmq.q_video_jobs_queue as job set vt = clock_timestamp()
      where job.msg_id in (
        select later.msg_id from pgmq.q_video_jobs_queue as later
        where later.vt > clock_timestamp() + interval '12 hours' order by later.msg_id limit ${count}::integer
      )`,
  );
}

async function filmsRunning({ sql }: ChaosEnvironment): Promise<number> {
  const [row] = await retryQuery(
    () => sql<{ films: number }[]>`
      select count(*)::int as films from keepsake.attempts where outcome is null and capsule_id is not null`,
  );
  return row?.films ?? 0;
}

interface Ended {
  readonly msgId: string;
  readonly readCount: number;
  readonly outcome: string;
  readonly code: string | null;
  readonly message: string | null;
}

interface Counts {
  readonly crashed: number;
  readonly failed: number;
  readonly deadLetters: number;
  readonly retriedDeadLetters: number;
  readonly ends: Readonly<Record<string, number>>;
  /** Attempts that are recorded as crashed in the end. */
  readonly vanished: readonly string[];
}

async function countEnds({ sql }: ChaosEnvironment): Promise<Counts> {
  // An attempt that was reported after its job had gone to another one has no state of the job beside its end.
  const rows = await sql<{ end: string; outcome: string; count: number }[]>`
    select outcome, count(*)::int as count,
      concat_ws(' ', outcome, '(' || error_code || ')',
        case when outcome = 'interrupted' and job_state is null then 'after another claim' end) as end
    from keepsake.attempts group by outcome, 3 order by count(*) desc`;
  const [deadLetters] = await sql<{ dead: number; back: number }[]>`
    select (select count(*)::int from pgmq.q_video_jobs_dlq) as dead,
      (select count(*)::int from pgmq.a_video_jobs_dlq) as back`;
  const vanished = await sql<{ attempt: string }[]>`
    select format('job %s, delivery %s', msg_id, read_ct) as attempt from keepsake.attempts where outcome = 'crashed'`;
  const count = (outcome: string): number =>
    rows.filter((row) => row.outcome === outcome).reduce((sum, row) => sum + row.count, 0);
  return {
    crashed: count("crashed"),
    failed: count("failed"),
    deadLetters: deadLetters?.dead ?? 0,
    retriedDeadLetters: deadLetters?.back ?? 0,
    vanished: vanished.map(({ attempt }) => attempt),
    ends: Object.fromEntries(rows.map((row) => [row.end, row.count])),
  };
}

/** Counts the workers whose exit code is not 0: the outage ended them. */
async function countDeaths({ workers }: ChaosEnvironment): Promise<number> {
  const exits = await Promise.all(workers.map(({ exited }) => exited));
  return exits.filter(({ exitCode }) => exitCode !== 0).length;
}
