import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll } from "vitest";

import { askAgain } from "./ask-again.js";
import { attack } from "./attack.js";
import type { ChaosRoom } from "./chaos-room.js";
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
 * PostgreSQL is stopped and started, crashed and recovered; connections are reset, refused and forgotten; replies to
 * statements that were carried out are lost, those to `publish` above all.
 */
attack(
  "restarts",
  {
    // Each trouble once.
    small: {
      workers: 2,
      jobs: 40,
      seconds: [0.1, 0.5],
      everySeconds: [0.5, 1],
      outageSeconds: [0, 1],
      mostTroubles: 6,
      settings: { ...settings, leaseSeconds: 16, heartbeatSeconds: 1, leaseMarginSeconds: 5 },
    },
    full: {
      workers: 4,
      jobs: 1_000,
      seconds: [0.2, 3],
      everySeconds: [5, 10],
      outageSeconds: [0, 4],
      mostTroubles: 1_000,
      settings,
    },
  },
  async (dose, room) => {
    const between = ([least = 0, most = 0]: readonly number[]): number =>
      least + room.random() * (most - least);
    await using network = await openRoughNetwork(room.databaseUrl);
    const startedAt = Date.now();
    await room.enqueue(Array.from({ length: dose.jobs }, () => ({ seconds: between(dose.seconds) })));
    const workers = Array.from({ length: dose.workers }, () => room.startWorker(dose.settings, network.url));

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
    for (let turn = 0; turn < dose.mostTroubles && (await jobsLeft(room)) > 0; turn += 1) {
      await sleep(between(dose.everySeconds) * 1000);
      const kind = kinds[turn % kinds.length] ?? "reset";
      await troubles[kind]();
      done[kind] = (done[kind] ?? 0) + 1;
      await shortenBackoffs(room);
    }
    await room.until(
      "every job is done",
      async () => {
        await shortenBackoffs(room);
        return (await jobsLeft(room)) === 0;
      },
      400,
    );
    const attackSeconds = (Date.now() - startedAt) / 1000;
    for (const worker of workers) worker.kill("SIGTERM");
    await Promise.all(workers.map(({ exited }) => exited));
    const outcomes = await room.sql<{ outcome: string; code: string | null; count: number }[]>`
      select outcome, error_code as code, count(*)::int as count from keepsake.attempts
      group by outcome, error_code order by count(*) desc`;
    const [dead] = await room.sql<
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
      violations: (dead?.count ?? 0) > 0 ? [`${dead?.count} jobs were burnt against an outage`] : [],
    };
  },
  () => ({ databaseUrl: database.url }),
);

async function jobsLeft(room: ChaosRoom): Promise<number> {
  const [row] = await askAgain(
    () => room.sql<{ jobs: number }[]>`select count(*)::int as jobs from pgmq.q_video_jobs_queue`,
  );
  return row?.jobs ?? 0;
}

/** As if the half minute and more after a failure had passed. */
async function shortenBackoffs(room: ChaosRoom): Promise<void> {
  await askAgain(
    () => room.sql`
      update pgmq.q_video_jobs_queue as job set vt = clock_timestamp()
      from keepsake.attempts as a
      where a.msg_id = job.msg_id and a.enqueued_at = job.enqueued_at and a.read_ct = job.read_ct
        and a.outcome in ('failed', 'crashed') and job.vt > clock_timestamp()`,
  );
}
