import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { readCapsuleHistory } from "../../../dist/operator/capsule-history.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { listFilms } from "../../../dist/operator/list-films.js";
import { listOperations } from "../../../dist/operator/list-operations.js";
import { cancelCapsule } from "../../../dist/operator/operate.js";
import { readStatus } from "../../../dist/operator/read-status.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import { must, never, openQueueRig, type QueueRig } from "./queue-rig.js";

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

const now = { atOnce: true, doneBy: "maria" };
const failed = {
  outcome: "failed",
  code: "storage-film-too-large",
  message: "The film is larger than the bucket takes.",
} as const;

/** A capsule whose job failed once and is put off. */
async function putOff() {
  const { capsuleId, job } = await rig.startFilm();
  const { visibleAt } = await finishAttempt(rig.database, job, failed);
  return { capsuleId, job, visibleAt: must(visibleAt) };
}

async function actions(): Promise<unknown[]> {
  const operations = await listOperations(rig.database, 10, never);
  return operations.map(({ action, doneBy, detail }) => ({ action, doneBy, detail }));
}

describe("enqueueing a capsule by an operator", () => {
  it("enqueueing reports that no job waited, and is recorded", async () => {
    const capsuleId = await rig.addCapsule();
    const enqueued = await enqueueCapsule(rig.database, capsuleId, never, { doneBy: "maria" });
    expect(enqueued).toEqual({
      msgId: expect.any(BigInt) as bigint,
      already: false,
      hurried: false,
      visibleAt: null,
      lastCode: null,
    });
    const detail = { msg_id: Number(enqueued.msgId) };
    expect(await actions()).toEqual([{ action: "enqueue", doneBy: "maria", detail }]);
  });

  it("enqueueing reports a job that waits already, and records nothing", async () => {
    const capsuleId = await rig.addCapsule();
    const { msgId } = await enqueueCapsule(rig.database, capsuleId, never);
    const again = await enqueueCapsule(rig.database, capsuleId, never, now);
    expect(again).toEqual({ msgId, already: true, hurried: false, visibleAt: null, lastCode: null });
    expect(await actions()).toHaveLength(1);
  });

  it("enqueueing reports until when a job is put off and why, and changes nothing", async () => {
    const { capsuleId, job, visibleAt } = await putOff();
    const before = await rig.snapshot();
    expect(await enqueueCapsule(rig.database, capsuleId, never)).toEqual({
      msgId: job.msgId,
      already: true,
      hurried: false,
      visibleAt,
      lastCode: "storage-film-too-large",
    });
    expect(await rig.snapshot()).toEqual(before);
  });

  it("enqueueing at once makes a job that is put off claimable, keeps its counts, and is recorded", async () => {
    const { capsuleId, job, visibleAt } = await putOff();
    expect(await enqueueCapsule(rig.database, capsuleId, never, now)).toEqual({
      msgId: job.msgId,
      already: true,
      hurried: true,
      visibleAt,
      lastCode: "storage-film-too-large",
    });
    const detail = { msg_id: Number(job.msgId), hurried: true };
    expect(await actions()).toEqual([{ action: "enqueue", doneBy: "maria", detail }]);
    expect(await rig.claim()).toMatchObject({ msgId: job.msgId, attemptNumber: 2 });
  });

  it("enqueueing at once never shortens a lease", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const leaseOf = async () =>
      await rig.sql`select vt from pgmq.q_video_jobs_queue where msg_id = ${job.msgId}::bigint`;
    const before = await leaseOf();
    const enqueued = await enqueueCapsule(rig.database, capsuleId, never, now);
    expect(enqueued).toMatchObject({ already: false, hurried: false });
    expect(enqueued.msgId).not.toBe(job.msgId);
    expect(await leaseOf()).toEqual(before);
  });

  it("enqueueing at once leaves a job alone that another program has read", async () => {
    const { capsuleId, job } = await putOff();
    await rig.letTimePass(job.msgId);
    await rig.sql`select pgmq.read('video_jobs_queue'::text, 300::integer, 1::integer)`;
    const enqueued = await enqueueCapsule(rig.database, capsuleId, never, now);
    expect(enqueued).toMatchObject({ msgId: job.msgId, already: true, hurried: false });
    expect(must(enqueued.visibleAt).getTime()).toBeGreaterThan(Date.now() + 200_000);
  });

  it("enqueueing at once makes a job visible that the app sent with a delay", async () => {
    const capsuleId = await rig.addCapsule();
    const payload = JSON.stringify({ capsule_id: capsuleId, job_type: "generate_video" });
    await rig.sql`select pgmq.send('video_jobs_queue'::text, (${payload}::text)::jsonb, 600::integer)`;
    expect(await enqueueCapsule(rig.database, capsuleId, never, now)).toMatchObject({
      hurried: true,
      lastCode: null,
    });
    await rig.claim();
  });

  it("rejects enqueueing a reopened capsule although its job is put off", async () => {
    const { capsuleId, job } = await putOff();
    await rig.sql`update public.capsules set status = 'active' where id = ${capsuleId}::uuid`;
    await expect(enqueueCapsule(rig.database, capsuleId, never, now)).rejects.toMatchObject({
      code: "capsule-not-closed",
    });
    expect(
      await rig.sql`select vt > clock_timestamp() + interval '10 seconds' as late
      from pgmq.q_video_jobs_queue where msg_id = ${job.msgId}::bigint`,
    ).toEqual([{ late: true }]);
  });

  it("makes a job visible once when many operators ask at the same time", async () => {
    const { capsuleId } = await putOff();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => enqueueCapsule(rig.database, capsuleId, never, now)),
    );
    expect(answers.filter(({ hurried }) => hurried)).toHaveLength(1);
    expect(new Set(answers.map(({ msgId }) => msgId)).size).toBe(1);
  });
});

describe("the status of jobs that wait for their operator", () => {
  it("status shows each code with its waiting jobs and its newest message, until an attempt runs", async () => {
    const setup = { ...failed, outcome: "setup", code: "media-setup", message: "The first." } as const;
    const first = await rig.startFilm();
    await finishAttempt(rig.database, first.job, setup);
    const second = await rig.startFilm();
    await finishAttempt(rig.database, second.job, { ...setup, message: "The second." });
    const other = await putOff();
    expect((await readStatus(rig.database, never)).setupHolds).toEqual([
      expect.objectContaining({ code: "media-setup", count: 2, message: "The second." }),
    ]);
    await enqueueCapsule(rig.database, second.capsuleId, never, now);
    expect((await rig.claim()).msgId).toBe(second.job.msgId);
    expect((await readStatus(rig.database, never)).setupHolds).toMatchObject([
      { count: 1, message: "The first." },
    ]);
    await cancelCapsule(rig.database, first.capsuleId, never);
    expect((await readStatus(rig.database, never)).setupHolds).toEqual([]);
    expect(other.visibleAt.getTime()).toBeGreaterThan(Date.now());
  });
});

describe("cancelling a capsule and enqueueing it after all", () => {
  it("enqueueing a cancelled capsule sends a new job that can be claimed at once", async () => {
    const { capsuleId, job } = await putOff();
    await cancelCapsule(rig.database, capsuleId, never, "maria");
    const enqueued = await enqueueCapsule(rig.database, capsuleId, never, { doneBy: "maria" });
    expect(enqueued).toMatchObject({ already: false, visibleAt: null, lastCode: null });
    expect(enqueued.msgId).not.toBe(job.msgId);
    expect(await listFilms(rig.database, {}, never)).toMatchObject([{ capsuleId, state: "waiting" }]);
    expect(await rig.claim()).toMatchObject({ msgId: enqueued.msgId, attemptNumber: 1 });
  });

  it("enqueueing a cancelled capsule makes the film although the cancelled attempt still runs", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await cancelCapsule(rig.database, capsuleId, never);
    const { msgId } = await enqueueCapsule(rig.database, capsuleId, never, now);
    await finishAttempt(rig.database, job, { ...failed, outcome: "cancelled", code: null, message: null });
    expect((await rig.claim()).msgId).toBe(msgId);
    const { jobs } = await readCapsuleHistory(rig.database, capsuleId, never);
    expect(jobs.map((one) => one.msgId)).toEqual([msgId]);
  });
});
