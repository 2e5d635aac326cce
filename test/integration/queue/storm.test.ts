import { setImmediate as turn } from "node:timers/promises";

import { afterAll, beforeAll, expect, it } from "vitest";

import type { AttemptHandler } from "../../../dist/queue/attempt.js";
import { openDatabase } from "../../../dist/database/open-database.js";
import { filmOf, openQueueRig, payloadFor, type QueueRig } from "./queue-rig.js";
import { runConsumer } from "./run-consumer.js";

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const capsuleCount = 20;
const jobsPerCapsule = 4;

/** Works for a few turns of the event loop, as short as can be, so that all that can meet does meet. */
const handler: AttemptHandler = async (attempt) => {
  const before = await attempt.findPublished();
  const { contentDigest } = filmOf(attempt.capsuleId);
  if (before !== null) return { outcome: "duplicate", fingerprint: before.fingerprint, contentDigest };
  for (let count = 0; count < 20; count++) await turn();
  attempt.signal.throwIfAborted();
  await attempt.fence();
  return { outcome: "published", film: filmOf(attempt.capsuleId) };
};

it("publishes each capsule once when four workers run many jobs and leases are lost all the time", async () => {
  for (let capsule = 0; capsule < capsuleCount; capsule++) {
    const capsuleId = await rig.addCapsule();
    for (let job = 0; job < jobsPerCapsule; job++) await rig.send(payloadFor(capsuleId));
  }
  const databases = Array.from({ length: 4 }, () => openDatabase(rig.url));
  const consumers = databases.map((database, index) =>
    runConsumer(database, handler, { slots: 3, workerName: `worker-${index}` }),
  );
  const waiting = async (): Promise<number> => {
    const [row] = await rig.sql<
      { jobs: number }[]
    >`select count(*)::int as jobs from pgmq.q_video_jobs_queue`;
    return row?.jobs ?? 0;
  };
  let robbed = 0;
  while ((await waiting()) > 0) {
    // A lease that is lost for no reason, or a deferral or backoff that is over.
    const rows = await rig.sql`
      update pgmq.q_video_jobs_queue set vt = clock_timestamp()
      where msg_id in (
        select msg_id from pgmq.q_video_jobs_queue where vt > clock_timestamp() order by random() limit 2
        for update skip locked
      )
      returning msg_id`;
    robbed += rows.length;
  }
  for (const consumer of consumers) await consumer[Symbol.asyncDispose]();
  for (const database of databases) await database[Symbol.asyncDispose]();

  expect(robbed).toBeGreaterThan(0);
  const published = await rig.sql<{ times: number }[]>`
    select count(*)::int as times from keepsake.attempts where outcome = 'published' group by capsule_id`;
  expect(published.map(({ times }) => times).filter((times) => times > 1)).toEqual([]);
  const [counts] = await rig.sql<{ archived: number; unaccounted: number; open: number }[]>`
    select
      (select count(*)::int from pgmq.a_video_jobs_queue) as archived,
      (
        select count(*)::int from public.capsules as c
        where c.status <> 'completed'
          and not exists (select from pgmq.q_video_jobs_dlq where message ->> 'capsule_id' = c.id::text)
      ) as unaccounted,
      (select count(*)::int from keepsake.attempts where outcome is null) as open`;
  expect(counts).toEqual({ archived: capsuleCount * jobsPerCapsule, unaccounted: 0, open: 0 });
  // A deadlock, or any other error of the database, would have ended an attempt as failed or crashed with its code.
  const errors = await rig.sql`
    select distinct error_code from keepsake.attempts
    where error_code is not null and error_code not in ('attempt-vanished', 'claim-unanswered')`;
  expect(errors).toEqual([]);
});
