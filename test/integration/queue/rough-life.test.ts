import { randomBytes } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { AttemptHandler } from "../../../dist/queue/attempt.js";
import { openDatabase, type PostgresDatabase } from "../../../dist/database/open-database.js";
import { createRandom } from "../../../dist/random.js";
import { openDatabaseProxy } from "./database-proxy.js";
import { filmOf, openQueueRig, payloadFor, type QueueRig } from "./queue-rig.js";
import { runConsumer, type RunningConsumer } from "./run-consumer.js";

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
});
beforeEach(async () => {
  await rig.clear();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const jobCount = 30;
const seeds = [1, 2, 3];

/** Asks the database for all that a real handler asks it for. */
const handler: AttemptHandler = async (attempt) => {
  expect(await attempt.findPublished()).toBeNull();
  for (let count = 0; count < 5; count++) await turn();
  await attempt.fence();
  return { outcome: "published", film: filmOf(attempt.capsuleId) };
};

async function sendJobs(): Promise<void> {
  for (let count = 0; count < jobCount; count++) await rig.send(payloadFor(await rig.addCapsule()));
}

/** Runs a consumer until all jobs are off the queue, and makes trouble whenever some more are. */
async function workThrough(database: PostgresDatabase, trouble: () => Promise<unknown>): Promise<void> {
  const consumer: RunningConsumer = runConsumer(database, handler, { slots: 3 });
  for (let before = jobCount; before > 0;) {
    const [row] = await rig.sql<{ left: number }[]>`
      select pg_sleep(0.02), (select count(*)::int from pgmq.q_video_jobs_queue) as left`;
    const left = row?.left ?? 0;
    if (left < before) await trouble();
    before = left;
  }
  await consumer[Symbol.asyncDispose]();
}

/** Each film once; no job failed, crashed or died of it. */
async function expectAllPublishedOnce(): Promise<void> {
  const [row] = await rig.sql`
    select
      (select count(*)::int from pgmq.a_video_jobs_queue) as archived,
      (select count(*)::int from public.capsules where status = 'completed') as completed,
      (select count(*)::int from keepsake.attempts where outcome = 'published') as published,
      (select json_agg(outcome || ' ' || coalesce(error_code, '')) from keepsake.attempts
        where outcome is null or outcome not in ('published', 'interrupted')) as other,
      (select count(*)::int from pgmq.q_video_jobs_dlq) as dead`;
  expect(row).toEqual({
    archived: jobCount,
    completed: jobCount,
    published: jobCount,
    other: null,
    dead: 0,
  });
}

describe("a worker publishes each film once, and counts nothing against a job,", () => {
  it.each(seeds)("when its connections are cut after a random number of bytes (seed %i)", async (seed) => {
    await sendJobs();
    const random = createRandom(seed);
    let cuts = 0;
    await using proxy = await openDatabaseProxy(rig.url, {
      bytesToLive: () => {
        cuts += 1;
        return Math.round(200 + random() * 12_000);
      },
    });
    await using database = openDatabase(proxy.url);
    await workThrough(database, async () => undefined);
    await expectAllPublishedOnce();
    expect(cuts).toBeGreaterThan(10);
  });

  it("when its backends are terminated at random", async () => {
    await sendJobs();
    const applicationName = `keepsake ${randomBytes(4).toString("hex")}`;
    await using database = openDatabase(rig.url, { applicationName });
    let terminated = 0;
    await workThrough(database, async () => {
      const rows = await rig.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = ${applicationName} order by random() limit 1`;
      terminated += rows.length;
    });
    await expectAllPublishedOnce();
    expect(terminated).toBeGreaterThan(5);
  });
});

describe("a server that has no connection free", () => {
  it("calls are repeated until a server has a free connection", async () => {
    const role = `few_${randomBytes(4).toString("hex")}`;
    await rig.sql.unsafe(
      `create role ${role} login password 'few' connection limit 1 in role keepsake_worker`,
    );
    const url = new URL(rig.url);
    url.username = role;
    url.password = "few";
    await sendJobs();
    {
      await using database = openDatabase(url.href);
      // Longer than a busy machine takes to open the other connections.
      const calls = Array.from({ length: 3 }, () => database.control.query((sql) => sql`select pg_sleep(3)`));
      await expect(Promise.all(calls)).rejects.toMatchObject({
        code: "database-busy",
        fault: "world",
        message: expect.stringContaining("no free connection"),
      });
      await Promise.allSettled(calls);
      // Heartbeats have to make do with what there is, too.
      await workThrough(database, async () => undefined);
    }
    await expectAllPublishedOnce();
    await rig.sql.unsafe(`drop role ${role}`);
  });
});
