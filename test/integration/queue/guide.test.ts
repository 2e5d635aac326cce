import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { openQueueRig, payloadFor, type QueueRig } from "./queue-rig.js";

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

/** Each statement of the integration guide, as it is written there. */
describe("the integration guide's statements run", () => {
  it("SELECT pgmq.receive('video_jobs_queue', 1, 30): one message, hidden for 30 seconds", async () => {
    const capsuleId = await rig.addCapsule();
    await rig.send(payloadFor(capsuleId));
    await rig.send(payloadFor(capsuleId));
    const rows = await rig.sql.unsafe(`SELECT pgmq.receive('video_jobs_queue', 1, 30);`);
    expect(rows).toHaveLength(1);
    const [hidden] = await rig.sql<{ seconds: number }[]>`
      select extract(epoch from max(vt) - clock_timestamp())::float8 as seconds from pgmq.q_video_jobs_queue`;
    expect(hidden?.seconds).toBeGreaterThan(0);
    expect(hidden?.seconds).toBeLessThanOrEqual(30);
  });

  it("SELECT pgmq.receive answers several messages in the order of the queue", async () => {
    const sent: bigint[] = [];
    for (let count = 0; count < 40; count++) sent.push(await rig.send(payloadFor(await rig.addCapsule())));
    // The rows are stored in another order than they were sent.
    for (const id of sent.slice(0, 20).toReversed()) await rig.letTimePass(id);
    await rig.sql`analyze pgmq.q_video_jobs_queue`;
    const rows = await rig.sql.unsafe<{ msg_id: bigint }[]>(
      "SELECT * FROM pgmq.receive('video_jobs_queue', 30, 60);",
    );
    expect(rows.map((row) => row.msg_id)).toEqual(sent.slice(0, 30));
  });

  it("SELECT pgmq.size and SELECT pgmq.purge", async () => {
    await rig.send(payloadFor(await rig.addCapsule()));
    expect(await rig.sql.unsafe(`SELECT pgmq.size('video_jobs_queue');`)).toEqual([{ size: 1n }]);
    expect(await rig.sql.unsafe(`SELECT pgmq.purge('video_jobs_queue');`)).toEqual([{ purge: 1n }]);
    expect(await rig.sql.unsafe(`SELECT pgmq.size('video_jobs_queue');`)).toEqual([{ size: 0n }]);
  });

  it("SELECT * FROM get_video_queue_status()", async () => {
    await rig.send(payloadFor(await rig.addCapsule()));
    const [row] = await rig.sql.unsafe("SELECT * FROM get_video_queue_status();");
    expect(row).toMatchObject({ queue_name: "video_jobs_queue", pending_count: 1n, status: "no worker" });
  });

  it("SELECT add_video_generation_job(...)", async () => {
    const capsuleId = await rig.addCapsule();
    await rig.sql`select add_video_generation_job(${capsuleId}::uuid)`;
    expect((await rig.claim()).message).toMatchObject({ capsule_id: capsuleId, job_type: "generate_video" });
  });

  it("the trigger enqueues a capsule when it is closed, once", async () => {
    await rig.sql`select keepsake.install_enqueue_trigger()`;
    const open = await rig.addCapsule("active");
    const born = await rig.addCapsule("closed");
    await rig.sql`update public.capsules set title = 'M.' where id = ${open}::uuid`;
    await rig.sql`update public.capsules set status = 'closed' where id = ${open}::uuid`;
    await rig.sql`update public.capsules set status = 'closed' where id = ${open}::uuid`;
    const rows = await rig.sql<{ id: string }[]>`
      select message ->> 'capsule_id' as id from pgmq.q_video_jobs_queue order by msg_id`;
    expect(rows.map(({ id }) => id)).toEqual([born, open]);
  });
});
