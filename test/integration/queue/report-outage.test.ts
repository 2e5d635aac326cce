import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { ClaimedJob } from "../../../dist/queue/claim-job.js";
import { discardDeadLetter, listDeadLetters } from "../../../dist/operator/dead-letters.js";
import { cancelCapsule } from "../../../dist/operator/operate.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { reportOutage } from "../../../dist/queue/finish-attempt.js";
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

/** Returns the outcomes of the attempts, in the order of their deliveries. */
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
  it("an attempt that lived through an outage is handed back at once and uncounted where no other has its job", async () => {
    const { capsuleId, msgId } = await addJob();
    const job = await loseLease(capsuleId, "worker-a");
    const answer = { jobState: "waiting", outcome: "interrupted" };
    expect(await report(job)).toMatchObject(answer);
    expect(await ends()).toEqual([outage]);
    const before = await rig.snapshot();
    expect(await report(job)).toMatchObject(answer);
    expect(await rig.snapshot()).toEqual(before);
    expect(await rig.claim()).toMatchObject({ msgId, readCount: 2, attemptNumber: 1 });
  });

  it("report_outage corrects a crash that another claim counted, and the other attempt goes on", async () => {
    const { capsuleId } = await addJob();
    const first = await loseLease(capsuleId, "worker-a");
    const second = await rig.claim("worker-b");
    expect(second.attemptNumber).toBe(2);
    expect(await ends()).toEqual([
      { outcome: "crashed", code: "attempt-vanished" },
      { outcome: null, code: null },
    ]);
    expect(await report(first)).toMatchObject({ jobState: "lost", outcome: "interrupted", visibleAt: null });
    expect(await ends()).toEqual([outage, { outcome: null, code: null }]);
    expect(await acquireCapsule(rig.database, second, capsuleId)).toBe("acquired");
    expect(await publishFilm(rig.database, second, filmOf(capsuleId))).toBe("published");
  });

  it("no number of outages makes a job a dead letter", async () => {
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

  it("report_outage retries a dead letter whose crashes were outages", async () => {
    const { capsuleId, msgId } = await addJob();
    const jobs = [];
    for (const worker of ["worker-a", "worker-b", "worker-c"]) jobs.push(await loseLease(capsuleId, worker));
    await expect(rig.claim()).rejects.toThrow("nothing to claim");
    expect(await listDeadLetters(rig.database, {}, never)).toMatchObject([{ code: "crashed-too-often" }]);
    for (const job of jobs) expect(await report(job)).toMatchObject({ outcome: "interrupted" });
    expect(await listDeadLetters(rig.database, {}, never)).toEqual([]);
    expect(await ends()).toEqual([outage, outage, outage]);
    const again = await rig.claim();
    expect(again.msgId).toBeGreaterThan(msgId);
    expect(again.attemptNumber).toBe(1);
    expect(await acquireCapsule(rig.database, again, capsuleId)).toBe("acquired");
    const [last] = await rig.sql`select action, detail from keepsake.operations order by id desc limit 1`;
    expect(last).toMatchObject({ action: "retry", detail: { msg_id: Number(again.msgId) } });
  });

  it("report_outage retries a dead letter also where a real crash came last", async () => {
    const { capsuleId } = await addJob();
    const first = await loseLease(capsuleId, "worker-a");
    await loseLease(capsuleId, "worker-b");
    const third = await rig.claim();
    await acquireCapsule(rig.database, third, capsuleId);
    const crash = { outcome: "crashed", code: "child-crashed", message: "It broke." } as const;
    const { jobState } = await finishAttempt(rig.database, third, crash);
    expect(jobState).toBe("dead");
    await report(first);
    expect(await listDeadLetters(rig.database, {}, never)).toEqual([]);
    expect((await rig.claim()).attemptNumber).toBe(1);
  });

  it("report_outage leaves a dead letter alone that an operator retried or discarded", async () => {
    const { capsuleId } = await addJob();
    const jobs = [];
    for (const worker of ["worker-a", "worker-b", "worker-c"]) jobs.push(await loseLease(capsuleId, worker));
    await expect(rig.claim()).rejects.toThrow("nothing to claim");
    const [letter] = await listDeadLetters(rig.database, {}, never);
    await discardDeadLetter(rig.database, must(letter).msgId, never);
    for (const job of jobs) await report(job);
    await expect(rig.claim()).rejects.toThrow("nothing to claim");
  });

  it("report_outage leaves the dead letter of another job of the capsule alone", async () => {
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

  it("report_outage ends an attempt whose capsule another job has, and leaves the film to that", async () => {
    const { capsuleId, msgId } = await addJob();
    const first = await loseLease(capsuleId, "worker-a");
    await rig.send(payloadFor(capsuleId));
    // A job that waits longest is taken first, so it is hidden for the moment.
    await rig.sql`update pgmq.q_video_jobs_queue set vt = clock_timestamp() + interval '1 hour' where msg_id = ${msgId}::bigint`;
    const other = await rig.claim("worker-b");
    await rig.letTimePass(msgId);
    expect(await acquireCapsule(rig.database, other, capsuleId)).toBe("acquired");
    expect(await report(first)).toMatchObject({ jobState: "waiting", outcome: "interrupted" });
    expect((await ends())[0]).toEqual(outage);
    expect(await publishFilm(rig.database, other, filmOf(capsuleId))).toBe("published");
    expect(await rig.claim()).toMatchObject({ msgId, readCount: 2, attemptNumber: 1 });
  });

  it("report_outage corrects the crash of a cancelled job, which stays cancelled", async () => {
    const { capsuleId } = await addJob();
    const job = await loseLease(capsuleId, "worker-a");
    await cancelCapsule(rig.database, capsuleId, never);
    expect(await report(job)).toMatchObject({ jobState: "archived", outcome: "interrupted" });
    await expect(rig.claim()).rejects.toThrow("nothing to claim");
  });

  it("report_outage finds the attempt by its claim id and changes no other", async () => {
    const { capsuleId } = await addJob();
    await loseLease(capsuleId, "worker-a");
    await rig.claim("worker-b");
    const before = await rig.snapshot();
    const answer = await reportOutage(rig.database, randomUUID(), "It was away.");
    expect(answer).toMatchObject({ jobState: "lost", outcome: "lost", visibleAt: null });
    expect(await rig.snapshot()).toEqual(before);
  });

  it("report_outage returns the end of an attempt that ended before, and writes nothing", async () => {
    const { capsuleId, job } = await rig.startFilm();
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
    const before = await rig.snapshot();
    expect(await report(job)).toMatchObject({ jobState: "archived", outcome: "published" });
    expect(await rig.snapshot()).toEqual(before);
  });

  it("report_outage corrects an attempt either before or after the job becomes a dead letter", async () => {
    for (let turn = 0; turn < 20; turn += 1) {
      await rig.clear();
      const { capsuleId } = await addJob();
      const jobs = [];
      for (const worker of ["worker-a", "worker-b", "worker-c"])
        jobs.push(await loseLease(capsuleId, worker));
      // The claim of another worker makes the job a dead letter while its workers report.
      await Promise.all([rig.claim("worker-d").catch(() => null), ...jobs.map(report)]);
      expect(await listDeadLetters(rig.database, {}, never)).toEqual([]);
      const [queue] = await rig.sql`select count(*)::integer as jobs from pgmq.q_video_jobs_queue`;
      expect(queue).toEqual({ jobs: 1 });
    }
  });
});
