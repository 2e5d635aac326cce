import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { beat } from "../../../dist/queue/beat.js";
import { claimJob } from "../../../dist/queue/claim-job.js";
import { ownCapsule } from "../../../dist/queue/own-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { listAttempts, listFilms } from "../../../dist/queue/queue-status.js";
import { filmOf, must, never, openQueueRig, payloadFor, type QueueRig } from "./queue-rig.js";

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

describe("claim", () => {
  it("takes the oldest visible job and hides it for the lease", async () => {
    const first = await rig.send(payloadFor(await rig.addCapsule()));
    const second = await rig.send(payloadFor(await rig.addCapsule()));
    const job = await rig.claim();
    expect(job).toMatchObject({ msgId: first, readCount: 1, attemptNumber: 1, isLast: false });
    const [row] = await rig.sql`
      select extract(epoch from vt - clock_timestamp())::float8 as left from pgmq.q_video_jobs_queue
      where msg_id = ${first}::bigint`;
    expect(must(row)["left"]).toBeGreaterThan(110);
    expect(must(row)["left"]).toBeLessThanOrEqual(120);
    expect((await rig.claim()).msgId).toBe(second);
    expect(await claimJob(rig.database, "worker-a", 120)).toBeNull();
  });

  it("gives one job to one of many who ask at once", async () => {
    await rig.send(payloadFor(await rig.addCapsule()));
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, index) => claimJob(rig.database, `worker-${index}`, 120)),
    );
    expect(claims.filter((job) => job !== null)).toHaveLength(1);
  });

  it("counts an attempt that never ended as crashed, and buries the job after the third", async () => {
    const { capsuleId, job } = await rig.startFilm();
    for (const attemptNumber of [2, 3]) {
      await rig.letTimePass(job.msgId);
      const next = await rig.claim("worker-b");
      expect(next).toMatchObject({ msgId: job.msgId, readCount: attemptNumber, attemptNumber });
      expect(await ownCapsule(rig.database, next, capsuleId)).toBe("owned");
    }
    await rig.letTimePass(job.msgId);
    expect(await claimJob(rig.database, "worker-c", 120)).toBeNull();
    const attempts = await listAttempts(rig.database, capsuleId, never);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(["crashed", "crashed", "crashed"]);
    const [letter] = await rig.sql`select message from pgmq.q_video_jobs_dlq`;
    expect(must(letter)["message"]).toMatchObject({
      original: payloadFor(capsuleId),
      capsule_id: capsuleId,
      reason: "crashes",
      error_code: "crashed-too-often",
      attempts: [{ outcome: "crashed" }, { outcome: "crashed" }, { outcome: "crashed", read_ct: 3 }],
      source: { msg_id: Number(job.msgId), read_ct: 4 },
      lineage: [],
    });
    expect((await listFilms(rig.database, {}, never)).map(({ state }) => state)).toEqual(["dead"]);
  });

  it("goes on to the next job when it buries one", async () => {
    const dying = await rig.send(payloadFor(await rig.addCapsule()));
    const healthy = await rig.send(payloadFor(await rig.addCapsule()));
    await rig.sql`update pgmq.q_video_jobs_queue set read_ct = 25 where msg_id = ${dying}::bigint`;
    expect((await rig.claim()).msgId).toBe(healthy);
    const [letter] = await rig.sql`select message ->> 'reason' as reason from pgmq.q_video_jobs_dlq`;
    expect(letter).toEqual({ reason: "deliveries" });
  });

  it("does not count deliveries to others as crashes", async () => {
    const msgId = await rig.send(payloadFor(await rig.addCapsule()));
    for (let turn = 0; turn < 5; turn++) {
      await rig.sql`select pgmq.read('video_jobs_queue'::text, 0::integer, 1::integer)`;
    }
    expect(await rig.claim()).toMatchObject({ msgId, readCount: 6, attemptNumber: 1 });
  });

  it("counts anew when the queue was made again and its ids begin from one", async () => {
    const { job } = await rig.startFilm();
    await rig.sql`select pgmq.drop_queue('video_jobs_queue'::text)`;
    await rig.sql`select pgmq.create('video_jobs_queue'::text)`;
    const capsuleId = await rig.addCapsule();
    expect(await rig.send(payloadFor(capsuleId))).toBe(job.msgId);
    const again = await rig.claim();
    expect(again).toMatchObject({ msgId: job.msgId, readCount: 1, attemptNumber: 1 });
    expect(await ownCapsule(rig.database, again, capsuleId)).toBe("owned");
    expect(await publishFilm(rig.database, again, filmOf(capsuleId))).toBe("published");
  });
});

describe("beat", () => {
  it("renews the lease and stores how far the film is", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await rig.letTimePass(job.msgId);
    const progress = { stage: "painting", done: 120, total: 1800, unit: "frames" } as const;
    expect(await beat(rig.database, job, 120, progress)).toBe("held");
    expect(await beat(rig.database, job, 120, null)).toBe("held");
    const [row] =
      await rig.sql`select vt > clock_timestamp() + interval '1 minute' as renewed from pgmq.q_video_jobs_queue`;
    expect(row).toEqual({ renewed: true });
    expect(await listAttempts(rig.database, capsuleId, never)).toMatchObject([
      { stage: "painting", done: 120, total: 1800, outcome: null },
    ]);
  });
});
