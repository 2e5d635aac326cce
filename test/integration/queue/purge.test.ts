import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { countPurgeable, purgeQueue } from "../../../dist/operator/purge.js";
import { listStuckCapsules } from "../../../dist/operator/requeue.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { filmOf, never, openQueueRig, type QueueRig } from "./queue-rig.js";

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

async function counts() {
  const [row] = await rig.sql<{ queue: number; archive: number; cancelled: number }[]>`
    select
      (select count(*)::int from pgmq.q_video_jobs_queue) as queue,
      (select count(*)::int from pgmq.a_video_jobs_queue) as archive,
      (select count(*)::int from keepsake.films where state = 'cancelled') as cancelled`;
  return row;
}

async function enqueueMany(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await enqueueCapsule(rig.database, await rig.addCapsule(), never);
  }
}

it("archives what waits, whatever its payload, and lets running films go on", async () => {
  const { capsuleId, job } = await rig.startFilm();
  await enqueueMany(3);
  await rig.send("not a job");
  const purgeable = await countPurgeable(rig.database, never);
  expect(purgeable).toMatchObject({ waiting: 4, running: 1 });
  const purged = await purgeQueue(rig.database, purgeable, { withRunning: false, doneBy: "maria" }, never);
  expect(purged).toEqual({ archived: 4, stopping: 0 });
  expect(await counts()).toEqual({ queue: 1, archive: 4, cancelled: 3 });
  expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("renewed");
  expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
  // What an operator purged is not found again by the sweep.
  expect(await listStuckCapsules(rig.database, {}, never)).toEqual([]);
  const done = await rig.sql`
    select action, done_by, detail from keepsake.operations where action <> 'enqueue'`;
  expect(done).toEqual([{ action: "purge", done_by: "maria", detail: { archived: 4, stopping: 0 } }]);
});

it("stops running films where that is asked for", async () => {
  const { job } = await rig.startFilm();
  await enqueueMany(1);
  const purgeable = await countPurgeable(rig.database, never);
  expect(await purgeQueue(rig.database, purgeable, { withRunning: true }, never)).toEqual({
    archived: 1,
    stopping: 1,
  });
  expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("cancelled");
});

it("leaves a job alone that was sent after the count", async () => {
  await enqueueMany(2);
  const purgeable = await countPurgeable(rig.database, never);
  await enqueueMany(1);
  expect(await purgeQueue(rig.database, purgeable, { withRunning: false }, never)).toMatchObject({
    archived: 2,
  });
  expect(await counts()).toMatchObject({ queue: 1 });
});

it("archives each job once when two operators do it", async () => {
  await enqueueMany(20);
  const purgeable = await countPurgeable(rig.database, never);
  const purged = await Promise.all(
    [1, 2].map(() => purgeQueue(rig.database, purgeable, { withRunning: false }, never)),
  );
  expect(purged.reduce((sum, { archived }) => sum + archived, 0)).toBe(20);
  expect(await counts()).toEqual({ queue: 0, archive: 20, cancelled: 20 });
});

it("goes through more jobs than are purged at once", async () => {
  await rig.sql`
    insert into public.capsules (status) select 'closed' from generate_series(1, 450)`;
  await rig.sql`select keepsake.enqueue(c.id) from public.capsules as c`;
  const purgeable = await countPurgeable(rig.database, never);
  expect(purgeable.waiting).toBe(450);
  expect(await purgeQueue(rig.database, purgeable, { withRunning: false }, never)).toMatchObject({
    archived: 450,
  });
});
