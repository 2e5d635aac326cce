import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { ClaimedJob } from "../../../dist/queue/claim-job.js";
import { discardDeadLetter, listDeadLetters } from "../../../dist/operator/dead-letters.js";
import { cancelCapsule } from "../../../dist/operator/operate.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { reportOutage } from "../../../dist/queue/report-outage.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
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

const outage = { outcome: "interrupted", code: "database-unreachable" };
const report = async ({ claimId }: ClaimedJob) => await reportOutage(rig.database, claimId, "It was away.");

/** How the attempts ended, in the order of their deliveries. */
const ends = async () => await rig.sql`select outcome, error_code as code from keepsake.attempts order by id`;

/** Takes the job of a capsule, begins its film, and lets the lease pass. */
async function loseLease(capsuleId: string, worker: string): Promise<ClaimedJob> {
  const job = await rig.claim(worker);
  expect(await acquireCapsule(rig.database, job, capsuleId)).toBe("acquired");
  await rig.letTimePass(job.msgId);
  return job;
}

async function addJob(): Promise<{ readonly capsuleId: string; readonly msgId: bigint }> {
  const capsuleId = await rig.addCapsule();
  return { capsuleId, msgId: await rig.send(payloadFor(capsuleId)) };
}

describe("an attempt whose worker lived through an outage of the database", () => {
  it("is handed back where nobody took its job, at once and uncounted", async () => {
    const { capsuleId, msgId } = await addJob();
    const job = await loseLease(capsuleId, "worker-a");
    const answer = { jobState: "waiting", recorded: "interrupted" };
    expect(await report(job)).toMatchObject(answer);
    expect(await ends()).toEqual([outage]);
    const before = await rig.snapshot();
    expect(await report(job)).toMatchObject(answer);
    expect(await rig.snapshot()).toEqual(before);
    expect(await rig.claim()).toMatchObject({ msgId, readCount: 2, attemptNumber: 1 });
  });

  it("is no crash any more where another claim has called it one, and the other attempt goes on", async () => {
    const { capsuleId } = await addJob();
    const first = await loseLease(capsuleId, "worker-a");
    const second = await rig.claim("worker-b");
    expect(second.attemptNumber).toBe(2);
    expect(await ends()).toEqual([
      { outcome: "crashed", code: "attempt-vanished" },
      { outcome: null, code: null },
    ]);
    expect(await report(first)).toEqual({ jobState: "lost", recorded: "interrupted", visibleAt: null });
    expect(await ends()).toEqual([outage, { outcome: null, code: null }]);
    expect(await acquireCapsule(rig.database, second, capsuleId)).toBe("acquired");
    expect(await publishFilm(rig.database, second, filmOf(capsuleId))).toBe("published");
  });

  it("never buries its job, however many outages there are", async () => {
    const { capsuleId, msgId } = await addJob();
    for (let turn = 1; turn <= 30; turn += 1) {
      const job = await loseLease(capsuleId, "worker-a");
      expect(job).toMatchObject({ msgId, readCount: turn, isLast: false });
      const next = await rig.claim("worker-b");
      await report(job);
      await rig.letTimePass(msgId);
      await report(next);
      turn += 1;
    }
    expect((await rig.claim()).attemptNumber).toBe(1);
  });

  it("brings its job back from the dead letters, where it was buried for crashes that were none", async () => {
    const { capsuleId, msgId } = await addJob();
    const jobs = [];
    for (const worker of ["worker-a", "worker-b", "worker-c"]) jobs.push(await loseLease(capsuleId, worker));
    await expect(rig.claim()).rejects.toThrow("nothing to claim");
    expect(await listDeadLetters(rig.database, {}, never)).toMatchObject([{ code: "crashed-too-often" }]);
    for (const job of jobs) expect(await report(job)).toMatchObject({ recorded: "interrupted" });
    expect(await listDeadLetters(rig.database, {}, never)).toEqual([]);
    expect(await ends()).toEqual([outage, outage, outage]);
    const again = await rig.claim();
    expect(again.msgId).toBeGreaterThan(msgId);
    expect(again.attemptNumber).toBe(1);
    expect(await acquireCapsule(rig.database, again, capsuleId)).toBe("acquired");
    const [last] = await rig.sql`select action, detail from keepsake.operations order by id desc limit 1`;
    expect(last).toMatchObject({ action: "retry", detail: { msg_id: Number(again.msgId) } });
  });

  it("brings it back too where a crash that was one came last", async () => {
    const { capsuleId } = await addJob();
    const first = await loseLease(capsuleId, "worker-a");
    await loseLease(capsuleId, "worker-b");
    const third = await rig.claim();
    await acquireCapsule(rig.database, third, capsuleId);
    const crash = { outcome: "crashed", code: "child-crashed", message: "It broke.", stack: null } as const;
    const { jobState } = await finishAttempt(rig.database, third, { ...crash, fingerprint: null });
    expect(jobState).toBe("dead");
    await report(first);
    expect(await listDeadLetters(rig.database, {}, never)).toEqual([]);
    expect((await rig.claim()).attemptNumber).toBe(1);
  });

  it("leaves a dead letter to an operator who has decided about it", async () => {
    const { capsuleId } = await addJob();
    const jobs = [];
    for (const worker of ["worker-a", "worker-b", "worker-c"]) jobs.push(await loseLease(capsuleId, worker));
    await expect(rig.claim()).rejects.toThrow("nothing to claim");
    const [letter] = await listDeadLetters(rig.database, {}, never);
    await discardDeadLetter(rig.database, must(letter).msgId, never);
    for (const job of jobs) await report(job);
    await expect(rig.claim()).rejects.toThrow("nothing to claim");
  });

  it("leaves the dead letter of another job of its capsule alone", async () => {
    const { capsuleId } = await addJob();
    const first = await loseLease(capsuleId, "worker-a");
    const second = await rig.claim("worker-b");
    await rig.sql`select pgmq.send('video_jobs_dlq'::text, jsonb_build_object(
      'original', jsonb_build_object('capsule_id', ${capsuleId}::uuid), 'capsule_id', ${capsuleId}::uuid,
      'reason', 'crashes', 'source', jsonb_build_object('msg_id', 4711, 'enqueued_at', clock_timestamp(), 'read_ct', 3)
    ))`;
    await report(first);
    await report(second);
    expect(await listDeadLetters(rig.database, {}, never)).toHaveLength(1);
  });

  it("ends where another job has its capsule, and leaves the film to that", async () => {
    const { capsuleId, msgId } = await addJob();
    const first = await loseLease(capsuleId, "worker-a");
    await rig.send(payloadFor(capsuleId));
    // A job that waits longest is taken first, so it is hidden for the moment.
    await rig.sql`update pgmq.q_video_jobs_queue set vt = clock_timestamp() + interval '1 hour' where msg_id = ${msgId}::bigint`;
    const other = await rig.claim("worker-b");
    await rig.letTimePass(msgId);
    expect(await acquireCapsule(rig.database, other, capsuleId)).toBe("acquired");
    expect(await report(first)).toMatchObject({ jobState: "waiting", recorded: "interrupted" });
    expect((await ends())[0]).toEqual(outage);
    expect(await publishFilm(rig.database, other, filmOf(capsuleId))).toBe("published");
    expect(await rig.claim()).toMatchObject({ msgId, readCount: 2, attemptNumber: 1 });
  });

  it("is no crash either where its job was cancelled meanwhile, and stays cancelled", async () => {
    const { capsuleId } = await addJob();
    const job = await loseLease(capsuleId, "worker-a");
    await cancelCapsule(rig.database, capsuleId, never);
    expect(await report(job)).toMatchObject({ jobState: "archived", recorded: "interrupted" });
    await expect(rig.claim()).rejects.toThrow("nothing to claim");
  });

  it("is asked for by its claim id, and nobody else's changes", async () => {
    const { capsuleId } = await addJob();
    await loseLease(capsuleId, "worker-a");
    await rig.claim("worker-b");
    const before = await rig.snapshot();
    const answer = await reportOutage(rig.database, randomUUID(), "It was away.");
    expect(answer).toEqual({ jobState: "lost", recorded: null, visibleAt: null });
    expect(await rig.snapshot()).toEqual(before);
  });

  it("is told what it ended as before, and nothing is written", async () => {
    const { capsuleId, job } = await rig.startFilm();
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
    const before = await rig.snapshot();
    expect(await report(job)).toMatchObject({ jobState: "archived", recorded: "published" });
    expect(await rig.snapshot()).toEqual(before);
  });

  it("is corrected before the job is buried for it, or after, but never neither", async () => {
    for (let turn = 0; turn < 20; turn += 1) {
      await rig.clear();
      const { capsuleId } = await addJob();
      const jobs = [];
      for (const worker of ["worker-a", "worker-b", "worker-c"])
        jobs.push(await loseLease(capsuleId, worker));
      // The claim of another worker buries the job in the moment in which its workers report.
      await Promise.all([rig.claim("worker-d").catch(() => null), ...jobs.map(report)]);
      expect(await listDeadLetters(rig.database, {}, never)).toEqual([]);
      const [queue] = await rig.sql`select count(*)::integer as jobs from pgmq.q_video_jobs_queue`;
      expect(queue).toEqual({ jobs: 1 });
    }
  });
});
