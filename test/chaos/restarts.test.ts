import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll } from "vitest";

import { retryQuery } from "./retry-query.js";
import { attack } from "./attack.js";
import type { ChaosEnvironment } from "./chaos-environment.js";
import { openRestartingDatabase, type RestartingDatabase } from "./open-restarting-database.js";
import { openRoughNetwork } from "./open-rough-network.js";

// Not while files are collected: `vitest list` would leave a server running.
let database: RestartingDatabase;
beforeAll(async () => {
  database = await openRestartingDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const settings = { slots: 8, leaseSeconds: 20, heartbeatSeconds: 2, leaseMarginSeconds: 5, drainSeconds: 30 };
const functions = ["claim", "acquire", "heartbeat", "publish", "finish"];

/**
 * PostgreSQL is stopped and started, and crashes and recovers. Connections are reset, rejected and left half-open. Replies
 * to executed statements are lost, most often those to `publish`.
 */
attack(
  "restarts",
  {
    // Each kind of trouble once.
    small: {
      workers: 2,
      jobs: 40,
      seconds: [0.1, 0.5],
      everySeconds: [0.5, 1],
      outageSeconds: [0, 1],
      maxTroubles: 6,
      settings: { ...settings, leaseSeconds: 16, heartbeatSeconds: 1, leaseMarginSeconds: 5 },
    },
    full: {
      workers: 4,
      jobs: 1_000,
      seconds: [0.2, 3],
      everySeconds: [5, 10],
      outageSeconds: [0, 4],
      maxTroubles: 1_000,
      settings,
    },
  },
  async (dose, environment) => {
    const between = ([least = 0, most = 0]: readonly number[]): number =>
      least + environment.random() * (most - least);
    await using network = await openRoughNetwork(environment.databaseUrl);
    const startedAt = Date.now();
    await environment.enqueue(Array.from({ length: dose.jobs }, () => ({ seconds: between(dose.seconds) })));
    const workers = Array.from({ length: dose.workers }, () =>
      environment.startWorker(dose.settings, network.url),
    );

    let connectionsForgotten = 0;
    const troubles = {
      shutdown: async () => {
        await database.stop("shutdown");
        await sleep(between(dose.outageSeconds) * 1000);
        await database.start();
      },
      crash: async () => {
        await database.stop("crash");
        await sleep(between(dose.outageSeconds) * 1000);
        await database.start();
      },
      reset: async () => network.reset(),
      refuse: async () => {
        network.refuse(true);
        await sleep(between(dose.outageSeconds) * 1000);
        network.refuse(false);
      },
      forget: async () => {
        connectionsForgotten += network.forgetConnections();
      },
      "lose replies": async () => {
        for (const one of functions) network.loseReplies(one, one === "publish" ? 4 : 2);
      },
    };
    const done: Record<string, number> = {};
    const kinds = Object.keys(troubles) as (keyof typeof troubles)[];
    for (let turn = 0; turn < dose.maxTroubles && (await jobsLeft(environment)) > 0; turn += 1) {
      await sleep(between(dose.everySeconds) * 1000);
      const kind = kinds[turn % kinds.length] ?? "reset";
      await troubles[kind]();
      done[kind] = (done[kind] ?? 0) + 1;
      await shortenBackoffs(environment);
    }
    await environment.until(
      "every job is done",
      async () => {
        await shortenBackoffs(environment);
        return (await jobsLeft(environment)) === 0;
      },
      400,
    );
    const attackSeconds = (Date.now() - startedAt) / 1000;
    for (const worker of workers) worker.kill("SIGTERM");
    await Promise.all(workers.map(({ exited }) => exited));
    const outcomes = await environment.sql<{ outcome: string; code: string | null; count: number }[]>`
      select outcome, error_code as code, count(*)::int as count from keepsake.attempts
      group by outcome, error_code order by count(*) desc`;
    const [dead] = await environment.sql<
      { count: number }[]
    >`select count(*)::int as count from pgmq.q_video_jobs_dlq`;
    return {
      figures: {
        workers: dose.workers,
        slotsPerWorker: dose.settings.slots,
        jobs: dose.jobs,
        attackSeconds,
        troubles: done,
        connectionsForgotten,
        repliesLost: network.repliesLost(),
        ends: Object.fromEntries(
          outcomes.map(({ outcome, code, count }) => [
            code === null ? outcome : `${outcome} (${code})`,
            count,
          ]),
        ),
        deadLetters: dead?.count,
      },
      violations: (dead?.count ?? 0) > 0 ? [`${dead?.count} jobs became dead letters in an outage`] : [],
    };
  },
  () => ({ databaseUrl: database.url }),
);

async function jobsLeft(environment: ChaosEnvironment): Promise<number> {
  const [row] = await retryQuery(
    () => environment.sql<{ jobs: number }[]>`select count(*)::int as jobs from pgmq.q_video_jobs_queue`,
  );
  return row?.jobs ?? 0;
}

/** Ends the backoffs, which are half a minute and more. */
async function shortenBackoffs(environment: ChaosEnvironment): Promise<void> {
  await retryQuery(
    () => environment.sql`
      update pgmq.q_video_jobs_queue as job set vt = clock_timestamp()
      from keepsake.attempts as a
      where a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.read_ct = job.read_ct
        and a.outcome in ('failed', 'crashed') and job.vt > clock_timestamp()`,
  );
}
