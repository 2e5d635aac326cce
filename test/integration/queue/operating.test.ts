import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import { claimJob } from "../../../dist/queue/claim-job.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { requeueStuckCapsules } from "../../../dist/operator/requeue.js";
import { cancelCapsule, pauseQueue, resumeQueue } from "../../../dist/operator/operate.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { listAttempts } from "../../../dist/operator/list-attempts.js";
import { listFilms } from "../../../dist/operator/list-films.js";
import { queueStatus } from "../../../dist/operator/queue-status.js";
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

async function countJobs(): Promise<number> {
  const [row] = await rig.sql<{ jobs: number }[]>`select count(*)::int as jobs from pgmq.q_video_jobs_queue`;
  return row?.jobs ?? -1;
}

const cancelled = {
  outcome: "cancelled",
  code: null,
  message: null,
} as const;

describe("enqueue", () => {
  it("enqueue sends the payload of the guide", async () => {
    const capsuleId = await rig.addCapsule();
    const { msgId } = await enqueueCapsule(rig.database, capsuleId, never);
    const job = await rig.claim();
    expect(job.msgId).toBe(msgId);
    expect(job.message).toEqual({
      ...payloadFor(capsuleId),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  it("enqueue returns the job that waits already, also when many call it at once", async () => {
    const capsuleId = await rig.addCapsule();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => enqueueCapsule(rig.database, capsuleId, never)),
    );
    expect(new Set(answers.map(({ msgId }) => msgId)).size).toBe(1);
    expect(await countJobs()).toBe(1);
  });

  it("no worker claims the job that enqueue returned before its caller commits", async () => {
    const capsuleId = await rig.addCapsule();
    const { msgId } = await enqueueCapsule(rig.database, capsuleId, never);
    const answered = await rig.sql.begin(async (sql) => {
      await sql`update public.capsules set title = 'M. Hollis' where id = ${capsuleId}::uuid`;
      const [row] = await sql<{ id: bigint }[]>`select keepsake.enqueue(${capsuleId}::uuid) as id`;
      expect(await claimJob(rig.database, "worker-a", 120)).toBeNull();
      return row?.id;
    });
    expect(answered).toBe(msgId);
    expect((await rig.claim()).msgId).toBe(msgId);
  });

  it("enqueue sends another job while the first is worked on, which may have read the capsule before it changed", async () => {
    const { capsuleId, job } = await rig.startFilm();
    expect((await enqueueCapsule(rig.database, capsuleId, never)).msgId).not.toBe(job.msgId);
  });

  it.each([
    ["a capsule that is not there", "capsule-not-found", async () => randomUUID()],
    ["a capsule that is not closed", "capsule-not-closed", async () => await rig.addCapsule("active")],
    ["what is no id", "capsule-invalid", async () => "capsule-uuid"],
  ])("enqueue rejects %s", async (_what, code, arrange) => {
    await expect(enqueueCapsule(rig.database, await arrange(), never)).rejects.toMatchObject({ code });
    expect(await countJobs()).toBe(0);
  });

  it("enqueue names the status of a capsule that is not closed", async () => {
    await expect(enqueueCapsule(rig.database, await rig.addCapsule("active"), never)).rejects.toThrow(
      "its status is 'active'. Keepsake makes films of capsules whose status is exactly 'closed'",
    );
  });
});

describe("stuck capsules", () => {
  it("stuck capsules are enqueued; those with a job, a dead letter, a film or a cancellation are not", async () => {
    const stuck = await rig.addCapsule();
    await rig.addCapsule("active");
    await enqueueCapsule(rig.database, await rig.addCapsule(), never);
    const double = JSON.stringify(payloadFor(await rig.addCapsule()));
    await rig.send(double);
    const deadLettered = await rig.addCapsule();
    await rig.sql`
      select pgmq.send('video_jobs_dlq'::text, jsonb_build_object('capsule_id', ${deadLettered}::text))`;
    const dropped = await rig.addCapsule();
    await enqueueCapsule(rig.database, dropped, never);
    await cancelCapsule(rig.database, dropped, never);
    const requeued = await requeueStuckCapsules(rig.database, never);
    expect(requeued.map(({ capsuleId }) => capsuleId)).toEqual([stuck]);
    expect(await requeueStuckCapsules(rig.database, never)).toEqual([]);
  });
});

describe("pause", () => {
  it("a second pause keeps the time and the reason of the first", async () => {
    const first = await pauseQueue(rig.database, "storage is being moved", never, "maria");
    expect(first).toEqual({
      wasPaused: false,
      pausedAt: expect.any(Date) as Date,
      reason: "storage is being moved",
    });
    const second = await pauseQueue(rig.database, null, never, "ines");
    expect(second).toEqual({ ...first, wasPaused: true });
    expect(await resumeQueue(rig.database, never, "ines")).toEqual(first.pausedAt);
    expect(await resumeQueue(rig.database, never)).toBeNull();
    expect(await rig.sql`select action, done_by from keepsake.operations order by id`).toEqual([
      { action: "pause", done_by: "maria" },
      { action: "pause", done_by: "ines" },
      { action: "resume", done_by: "ines" },
    ]);
  });

  it("pause stops claims, not films, until resume", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await enqueueCapsule(rig.database, await rig.addCapsule(), never);
    await pauseQueue(rig.database, "storage is being moved", never);
    expect(await claimJob(rig.database, "worker-a", 120)).toBeNull();
    expect(await queueStatus(rig.database, never)).toMatchObject({
      status: "paused",
      paused: true,
      pausedReason: "storage is being moved",
    });
    expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("renewed");
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
    await resumeQueue(rig.database, never);
    expect(await claimJob(rig.database, "worker-a", 120)).not.toBeNull();
  });
});

describe("cancel", () => {
  it("cancel reports what it did to a capsule without a job, and to a missing one", async () => {
    const answer = { archived: 0, stopping: 0 };
    const capsuleId = await rig.addCapsule("active");
    expect(await cancelCapsule(rig.database, capsuleId, never)).toEqual({
      ...answer,
      capsuleStatus: "active",
    });
    expect(await cancelCapsule(rig.database, randomUUID(), never)).toEqual({
      ...answer,
      capsuleStatus: null,
    });
    expect(await listFilms(rig.database, {}, never)).toEqual([]);
    expect(await rig.sql`select action from keepsake.operations`).toEqual([]);
  });

  it("cancel meets acquire, claim and another cancel without a deadlock, and one of them wins", async () => {
    for (let round = 0; round < 25; round += 1) {
      await rig.clear();
      const capsuleId = await rig.addCapsule();
      await enqueueCapsule(rig.database, capsuleId, never);
      const job = await rig.claim();
      // Its lease is over, so that the job may be archived under the attempt that is about to own it.
      await rig.letTimePass(job.msgId);
      const [first, second, owned, claimed] = await Promise.all([
        cancelCapsule(rig.database, capsuleId, never, "maria"),
        cancelCapsule(rig.database, capsuleId, never, "ines"),
        acquireCapsule(rig.database, job, capsuleId),
        claimJob(rig.database, "worker-b", 120),
      ]);
      const archived = first.archived + second.archived;
      if (archived === 1) {
        expect(await countJobs()).toBe(0);
        expect(claimed).toBeNull();
        expect(await listFilms(rig.database, {}, never)).toMatchObject([{ state: "cancelled" }]);
      } else {
        // The new claim was first: it is asked to stop, and the old attempt has lost.
        expect({ archived, stopping: first.stopping + second.stopping }).toEqual({
          archived: 0,
          stopping: 2,
        });
        expect(await acquireCapsule(rig.database, must(claimed), capsuleId)).toBe("cancelled");
      }
      expect(["acquired", "lost"]).toContain(owned);
    }
  });

  it("cancel archives a job that waits", async () => {
    const capsuleId = await rig.addCapsule();
    await enqueueCapsule(rig.database, capsuleId, never);
    expect(await cancelCapsule(rig.database, capsuleId, never)).toMatchObject({ archived: 1, stopping: 0 });
    expect(await countJobs()).toBe(0);
    expect(await listFilms(rig.database, {}, never)).toMatchObject([{ capsuleId, state: "cancelled" }]);
  });

  it("cancel leaves a published film as it is", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await publishFilm(rig.database, job, filmOf(capsuleId));
    await rig.send(payloadFor(capsuleId));
    expect(await cancelCapsule(rig.database, capsuleId, never)).toMatchObject({ archived: 1, stopping: 0 });
    expect(await listFilms(rig.database, {}, never)).toMatchObject([{ capsuleId, state: "published" }]);
  });

  it("cancel reaches the attempt with its heartbeat, and the film is marked", async () => {
    const { capsuleId, job } = await rig.startFilm();
    expect(await cancelCapsule(rig.database, capsuleId, never)).toMatchObject({ archived: 0, stopping: 1 });
    expect(await countJobs()).toBe(1);
    expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("cancelled");
    expect((await finishAttempt(rig.database, job, cancelled)).jobState).toBe("archived");
    expect(await countJobs()).toBe(0);
    expect(await listFilms(rig.database, {}, never)).toMatchObject([{ capsuleId, state: "cancelled" }]);
  });

  it("cancel reaches the next attempt when the first one died", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await cancelCapsule(rig.database, capsuleId, never);
    await rig.letTimePass(job.msgId);
    const next = await rig.claim("worker-b");
    expect(await acquireCapsule(rig.database, next, capsuleId)).toBe("cancelled");
    expect((await finishAttempt(rig.database, next, cancelled)).jobState).toBe("archived");
    expect(await listFilms(rig.database, {}, never)).toMatchObject([{ capsuleId, state: "cancelled" }]);
  });

  it("cancel archives the job of an attempt that died, and closes the attempt", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await rig.letTimePass(job.msgId);
    expect(await cancelCapsule(rig.database, capsuleId, never)).toMatchObject({ archived: 1, stopping: 0 });
    expect(await listAttempts(rig.database, capsuleId, never)).toMatchObject([{ outcome: "crashed" }]);
    expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("lost");
  });
});

describe("status", () => {
  it("status counts waiting, running, delayed and dead jobs", async () => {
    expect(await queueStatus(rig.database, never)).toEqual({
      queueName: "video_jobs_queue",
      pendingCount: 0,
      status: "idle",
      visibleCount: 0,
      inFlightCount: 0,
      delayedCount: 0,
      deadLetterCount: 0,
      oldestWaitingSeconds: null,
      paused: false,
      pausedReason: null,
      workersSeen: 0,
    });
    const waiting = await enqueueCapsule(rig.database, await rig.addCapsule(), never);
    expect(await queueStatus(rig.database, never)).toMatchObject({ status: "no worker", visibleCount: 1 });
    const failed = await rig.claim();
    expect(failed.msgId).toBe(waiting.msgId);
    await finishAttempt(rig.database, failed, {
      ...cancelled,
      outcome: "failed",
      code: "storage-unreachable",
    });
    expect(await queueStatus(rig.database, never)).toMatchObject({ status: "delayed", delayedCount: 1 });
    await rig.startFilm();
    const stale = await enqueueCapsule(rig.database, await rig.addCapsule(), never);
    await rig.sql`
      update pgmq.q_video_jobs_queue set vt = clock_timestamp() - interval '1 hour'
      where msg_id = ${stale.msgId}::bigint`;
    const status = await queueStatus(rig.database, never);
    expect(status).toMatchObject({
      status: "working",
      pendingCount: 3,
      visibleCount: 1,
      inFlightCount: 1,
      delayedCount: 1,
      workersSeen: 1,
    });
    expect(status.oldestWaitingSeconds).toBeGreaterThanOrEqual(3600);
  });
});
