import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import { cancelCapsule } from "../../../dist/operator/operate.js";
import { claimJob } from "../../../dist/queue/claim-job.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { listAttempts } from "../../../dist/operator/list-attempts.js";
import { listFilms } from "../../../dist/operator/list-films.js";
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
  it("claims the oldest visible job and hides it for the lease", async () => {
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

  it("gives a job to one of many workers that claim at once", async () => {
    await rig.send(payloadFor(await rig.addCapsule()));
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, index) => claimJob(rig.database, `worker-${index}`, 120)),
    );
    expect(claims.filter((job) => job !== null)).toHaveLength(1);
  });

  it("counts an attempt that never ended as crashed, and makes the job a dead letter after the third", async () => {
    const { capsuleId, job } = await rig.startFilm();
    for (const attemptNumber of [2, 3]) {
      await rig.letTimePass(job.msgId);
      const next = await rig.claim("worker-b");
      expect(next).toMatchObject({ msgId: job.msgId, readCount: attemptNumber, attemptNumber });
      expect(await acquireCapsule(rig.database, next, capsuleId)).toBe("acquired");
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

  it("archives a crashed job that an operator cancelled instead of making it a dead letter", async () => {
    const { capsuleId, job } = await rig.startFilm();
    for (let turn = 2; turn <= 3; turn++) {
      await rig.letTimePass(job.msgId);
      await acquireCapsule(rig.database, await rig.claim(), capsuleId);
    }
    await cancelCapsule(rig.database, capsuleId, never);
    await rig.letTimePass(job.msgId);
    const last = await rig.claim();
    expect(last).toMatchObject({ msgId: job.msgId, readCount: 4 });
    expect(await acquireCapsule(rig.database, last, capsuleId)).toBe("cancelled");
  });

  it("claims the next job when one becomes a dead letter", async () => {
    const dying = await rig.send(payloadFor(await rig.addCapsule()));
    const healthy = await rig.send(payloadFor(await rig.addCapsule()));
    await rig.sql`update pgmq.q_video_jobs_queue set read_ct = 25 where msg_id = ${dying}::bigint`;
    expect((await rig.claim()).msgId).toBe(healthy);
    const [letter] = await rig.sql`select message ->> 'reason' as reason from pgmq.q_video_jobs_dlq`;
    expect(letter).toEqual({ reason: "deliveries" });
  });

  it("does not count deliveries to other readers as crashes", async () => {
    const msgId = await rig.send(payloadFor(await rig.addCapsule()));
    for (let turn = 0; turn < 5; turn++) {
      await rig.sql`select pgmq.read('video_jobs_queue'::text, 0::integer, 1::integer)`;
    }
    expect(await rig.claim()).toMatchObject({ msgId, readCount: 6, attemptNumber: 1 });
  });

  it("counts attempts from zero when the queue was created again and its ids begin from one", async () => {
    const { job } = await rig.startFilm();
    await rig.sql`select pgmq.drop_queue('video_jobs_queue'::text)`;
    await rig.sql`select pgmq.create('video_jobs_queue'::text)`;
    const capsuleId = await rig.addCapsule();
    expect(await rig.send(payloadFor(capsuleId))).toBe(job.msgId);
    const again = await rig.claim();
    // The fence of the lost job is not given out once more.
    expect(again).toMatchObject({ msgId: job.msgId, readCount: 2, attemptNumber: 1 });
    expect(await acquireCapsule(rig.database, again, capsuleId)).toBe("acquired");
    expect(await publishFilm(rig.database, again, filmOf(capsuleId))).toBe("published");
  });
});

describe("a claim whose reply was lost", () => {
  const claimId = "0b6f9d3e-6d54-4a38-8a3f-0c2f6c1a7e11";
  const askWith = async (worker: string, id: string, leaseSeconds = 120) =>
    await rig.sql`
      select msg_id, read_ct, message, attempt_number, is_last
      from keepsake.claim(${worker}::text, ${leaseSeconds}::integer, ${id}::uuid)`;

  it("a repeated claim returns the same delivery and renews its lease", async () => {
    const capsuleId = await rig.addCapsule();
    const msgId = await rig.send(payloadFor(capsuleId));
    await rig.send(payloadFor(await rig.addCapsule()));
    const first = await askWith("worker-a", claimId, 30);
    expect(first).toMatchObject([{ msg_id: msgId, read_ct: 1, attempt_number: 1, is_last: false }]);
    expect(await askWith("worker-a", claimId, 120)).toEqual(first);
    const [row] = await rig.sql`
      select vt > clock_timestamp() + interval '100 seconds' as renewed, read_ct from pgmq.q_video_jobs_queue
      where msg_id = ${msgId}::bigint`;
    expect(row).toEqual({ renewed: true, read_ct: 1 });
    const attempts = await rig.sql`select outcome, claim_id from keepsake.attempts`;
    expect(attempts).toEqual([{ outcome: null, claim_id: claimId }]);
  });

  it("a repeated claim returns the same delivery when the lease has passed and no worker has the job", async () => {
    const msgId = await rig.send(payloadFor(await rig.addCapsule()));
    const first = await askWith("worker-a", claimId);
    await rig.letTimePass(msgId);
    expect(await askWith("worker-a", claimId)).toEqual(first);
  });

  it("a repeated claim returns nothing when another worker has the job, and records its delivery as an outage", async () => {
    const msgId = await rig.send(payloadFor(await rig.addCapsule()));
    await rig.send(payloadFor(await rig.addCapsule()));
    await askWith("worker-a", claimId);
    await rig.letTimePass(msgId);
    expect(await rig.claim("worker-b")).toMatchObject({ msgId, readCount: 2, attemptNumber: 1 });
    expect(await askWith("worker-a", claimId)).toEqual([]);
    const [row] =
      await rig.sql`select outcome, error_code from keepsake.attempts where claim_id = ${claimId}::uuid`;
    expect(row).toEqual({ outcome: "interrupted", error_code: "database-unreachable" });
    const before = await rig.snapshot();
    expect(await askWith("worker-a", claimId)).toEqual([]);
    expect(await rig.snapshot()).toEqual(before);
  });

  it("a repeated claim returns nothing once its attempt has ended", async () => {
    await rig.send(payloadFor(await rig.addCapsule()));
    const [job] = await askWith("worker-a", claimId);
    await rig.sql`select keepsake.finish(${must(job)["msg_id"]}::bigint, 1, 'interrupted')`;
    const before = await rig.snapshot();
    expect(await askWith("worker-a", claimId)).toEqual([]);
    expect(await rig.snapshot()).toEqual(before);
  });

  it("a repeated claim waits for the first call where that is still under way", async () => {
    const msgId = await rig.send(payloadFor(await rig.addCapsule()));
    await rig.send(payloadFor(await rig.addCapsule()));
    const answers = await Promise.all(Array.from({ length: 3 }, () => askWith("worker-a", claimId)));
    expect(answers.flat().map((job) => job["msg_id"])).toEqual([msgId, msgId, msgId]);
    expect(await rig.sql`select count(*)::integer as attempts from keepsake.attempts`).toEqual([
      { attempts: 1 },
    ]);
  });

  it("a lost claim counts no crash when it is never repeated", async () => {
    const msgId = await rig.send(payloadFor(await rig.addCapsule()));
    for (let turn = 1; turn <= 5; turn++) {
      expect(await rig.claim()).toMatchObject({ msgId, readCount: turn, attemptNumber: 1 });
      await rig.letTimePass(msgId);
    }
    const ends =
      await rig.sql`select distinct outcome, error_code from keepsake.attempts where outcome is not null`;
    expect(ends).toEqual([{ outcome: "interrupted", error_code: "claim-unanswered" }]);
  });
});

describe("deliveries", () => {
  it("deliveries do not count where storage was out of reach for every film", async () => {
    const msgId = await rig.send(payloadFor(await rig.addCapsule()));
    for (let turn = 1; turn <= 30; turn++) {
      expect(await rig.claim()).toMatchObject({ msgId, readCount: turn, isLast: false });
      await rig.sql`
        select keepsake.finish(${msgId}::bigint, ${turn}::integer, 'interrupted', 'storage-outage', 'Away.')`;
    }
  });
});

describe("the row of a worker", () => {
  const rows = async () =>
    await rig.sql`
      select name, slots, version, not_claiming, not_claiming_since is not null as since from keepsake.workers`;

  it("the row of a worker tells its version and why it does not claim, and is deleted when the worker ends", async () => {
    const note = async (why: string | null) =>
      await rig.sql`select keepsake.register_worker('worker-a', 2, '1.0.0', ${why}::text)`;
    await note(null);
    const claiming = { name: "worker-a", slots: 2, version: "1.0.0", not_claiming: null, since: false };
    expect(await rows()).toEqual([claiming]);
    await note("The disk is full.");
    const [first] = await rig.sql`select not_claiming_since from keepsake.workers`;
    await note("The disk is full.");
    expect(await rows()).toEqual([{ ...claiming, not_claiming: "The disk is full.", since: true }]);
    expect(await rig.sql`select not_claiming_since from keepsake.workers`).toEqual([first]);
    await note(null);
    expect(await rows()).toEqual([claiming]);
    await rig.sql`select keepsake.unregister_worker('worker-a')`;
    expect(await rows()).toEqual([]);
  });

  it("the row of a worker is not written by each claim", async () => {
    await claimJob(rig.database, "worker-a", 120);
    const [before] = await rig.sql`select seen_at, ctid::text from keepsake.workers`;
    await claimJob(rig.database, "worker-a", 120);
    expect(await rig.sql`select seen_at, ctid::text from keepsake.workers`).toEqual([before]);
    await rig.sql`update keepsake.workers set seen_at = clock_timestamp() - interval '31 seconds'`;
    await claimJob(rig.database, "worker-a", 120);
    const [after] =
      await rig.sql`select seen_at > clock_timestamp() - interval '20 seconds' as seen from keepsake.workers`;
    expect(after).toEqual({ seen: true });
  });
});

describe("heartbeat", () => {
  it("a heartbeat renews the lease and stores the progress of the film", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await rig.letTimePass(job.msgId);
    const progress = { stage: "painting", done: 120, total: 1800, unit: "frames" } as const;
    expect(await sendHeartbeat(rig.database, job, 120, progress)).toBe("renewed");
    expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("renewed");
    const [row] =
      await rig.sql`select vt > clock_timestamp() + interval '1 minute' as renewed from pgmq.q_video_jobs_queue`;
    expect(row).toEqual({ renewed: true });
    expect(await listAttempts(rig.database, capsuleId, never)).toMatchObject([
      { stage: "painting", done: 120, total: 1800, outcome: null },
    ]);
  });
});
