import { expect } from "vitest";

import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import { countPurgeable, purgeQueue } from "../../../dist/operator/purge.js";
import { listStuckCapsules } from "../../../dist/operator/requeue.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { filmOf, never, type QueueRig } from "./queue-rig.js";
import { queueTest, type ConsumerRig } from "./queue-test.js";

async function counts({ sql }: QueueRig) {
  const [row] = await sql<{ queue: number; archive: number; cancelled: number }[]>`
    select
      (select count(*)::int from pgmq.q_video_jobs_queue) as queue,
      (select count(*)::int from pgmq.a_video_jobs_queue) as archive,
      (select count(*)::int from keepsake.films where state = 'cancelled') as cancelled`;
  return row;
}

async function enqueueMany(rig: ConsumerRig, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await rig.enqueue();
}

queueTest("purge archives waiting jobs with any payload, and lets running films go on", async ({ rig }) => {
  const { capsuleId, job } = await rig.startFilm();
  await enqueueMany(rig, 3);
  await rig.send("not a job");
  const purgeable = await countPurgeable(rig.database, never);
  expect(purgeable).toMatchObject({ waiting: 4, running: 1 });
  const purged = await purgeQueue(rig.database, purgeable, { withRunning: false, doneBy: "maria" }, never);
  expect(purged).toEqual({ archived: 4, stopping: 0 });
  expect(await counts(rig)).toEqual({ queue: 1, archive: 4, cancelled: 3 });
  expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("renewed");
  expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
  // The sweep does not enqueue purged jobs again.
  expect(await listStuckCapsules(rig.database, {}, never)).toEqual([]);
  const done = await rig.sql`
    select action, done_by, detail from keepsake.operations where action <> 'enqueue'`;
  expect(done).toEqual([{ action: "purge", done_by: "maria", detail: { archived: 4, stopping: 0 } }]);
});

queueTest("purge stops running films where that is asked for", async ({ rig }) => {
  const { job } = await rig.startFilm();
  await enqueueMany(rig, 1);
  const purgeable = await countPurgeable(rig.database, never);
  expect(await purgeQueue(rig.database, purgeable, { withRunning: true }, never)).toEqual({
    archived: 1,
    stopping: 1,
  });
  expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("cancelled");
});

queueTest("purge leaves a job alone that was sent after the count", async ({ rig }) => {
  await enqueueMany(rig, 2);
  const purgeable = await countPurgeable(rig.database, never);
  await enqueueMany(rig, 1);
  expect(await purgeQueue(rig.database, purgeable, { withRunning: false }, never)).toMatchObject({
    archived: 2,
  });
  expect(await counts(rig)).toMatchObject({ queue: 1 });
});

queueTest("purge archives each job once when two operators call it", async ({ rig }) => {
  await enqueueMany(rig, 20);
  const purgeable = await countPurgeable(rig.database, never);
  const purged = await Promise.all(
    [1, 2].map(() => purgeQueue(rig.database, purgeable, { withRunning: false }, never)),
  );
  expect(purged.reduce((sum, { archived }) => sum + archived, 0)).toBe(20);
  expect(await counts(rig)).toEqual({ queue: 0, archive: 20, cancelled: 20 });
});

queueTest("purge handles more jobs than one call does", async ({ rig }) => {
  await rig.sql`
    insert into public.capsules (status) select 'closed' from generate_series(1, 450)`;
  await rig.sql`select keepsake.enqueue(c.id) from public.capsules as c`;
  const purgeable = await countPurgeable(rig.database, never);
  expect(purgeable.waiting).toBe(450);
  expect(await purgeQueue(rig.database, purgeable, { withRunning: false }, never)).toMatchObject({
    archived: 450,
  });
});
