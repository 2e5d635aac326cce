import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createLog } from "../../../dist/log.js";
import { discardDeadLetter, listDeadLetters, retryDeadLetter } from "../../../dist/operator/dead-letters.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { cancelCapsule } from "../../../dist/operator/operate.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { listStuckCapsules, requeueStuckCapsules } from "../../../dist/operator/requeue.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import { startSweeping } from "../../../dist/queue/sweep.js";
import { filmOf, must, never, openQueueRig, type QueueRig } from "./queue-rig.js";

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

const rejected = {
  outcome: "rejected",
  code: "nothing-to-film",
  message: null,
} as const;

/** One call of the function itself; the clock is the test's. */
async function sweep({ every = 300, grace = 120, worker = "worker-a" } = {}): Promise<string[]> {
  const rows = await rig.sql<{ capsule_id: string }[]>`
    select capsule_id from keepsake.sweep(
      ${worker}::text, ${every}::double precision, ${grace}::double precision)`;
  return rows.map((row) => row.capsule_id);
}

/** Lets the time between two sweeps pass. */
async function letMinutesPass(minutes: number): Promise<void> {
  await rig.sql`
    update keepsake.queue_state set swept_at = swept_at - make_interval(mins => ${minutes}::integer)`;
  await rig.sql`
    update keepsake.stuck_sightings set seen_at = seen_at - make_interval(mins => ${minutes}::integer)`;
  await rig.sql`
    update keepsake.films set updated_at = updated_at - make_interval(mins => ${minutes}::integer)`;
}

async function stuck(): Promise<string[]> {
  return (await listStuckCapsules(rig.database, {}, never)).map(({ capsuleId }) => capsuleId);
}

async function sendToDeadLetters(): Promise<{ capsuleId: string; letter: bigint }> {
  const { capsuleId, job } = await rig.startFilm();
  await finishAttempt(rig.database, job, rejected);
  const letters = await listDeadLetters(rig.database, {}, never);
  return { capsuleId, letter: must(letters.at(-1)).msgId };
}

describe("a sweep", () => {
  it("a sweep enqueues once what two sweeps found stuck", async () => {
    const forgotten = await rig.addCapsule();
    expect(await sweep()).toEqual([]);
    await letMinutesPass(5);
    const late = await rig.addCapsule();
    expect(await sweep()).toEqual([forgotten]);
    await letMinutesPass(5);
    expect(await sweep()).toEqual([late]);
    await letMinutesPass(5);
    expect(await sweep()).toEqual([]);
    expect((await rig.claim()).message).toMatchObject({ capsule_id: forgotten, job_type: "generate_video" });
  });

  it("a sweep is made by one worker at a time, and not before it is due", async () => {
    const forgotten = await rig.addCapsule();
    await sweep();
    await letMinutesPass(5);
    const workers = ["worker-a", "worker-b", "worker-c", "worker-d"];
    const swept = await Promise.all(workers.map((worker) => sweep({ worker })));
    expect(swept.flat()).toEqual([forgotten]);
    await rig.sql`delete from pgmq.q_video_jobs_queue`;
    expect(await sweep()).toEqual([]);
  });

  it("a sweep gives the app time to send the job of a capsule that was just closed", async () => {
    const closed = await rig.addCapsule();
    await sweep({ every: 10 });
    await letMinutesPass(1);
    expect(await sweep({ every: 10 })).toEqual([]);
    await letMinutesPass(1);
    expect(await sweep({ every: 10 })).toEqual([closed]);
  });

  it("a sweep starts its wait again for a capsule that had a film in between", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await publishFilm(rig.database, job, filmOf(capsuleId));
    await rig.sql`insert into keepsake.stuck_sightings (capsule_id, seen_at)
      values (${capsuleId}::uuid, clock_timestamp() - interval '1 hour')`;
    await rig.sql`update public.capsules set status = 'closed' where id = ${capsuleId}::uuid`;
    expect(await sweep()).toEqual([]);
    await letMinutesPass(5);
    expect(await sweep()).toEqual([capsuleId]);
  });

  it("sweeps continue after the clock was set back", async () => {
    const forgotten = await rig.addCapsule();
    await sweep();
    await letMinutesPass(5);
    await rig.sql`update keepsake.queue_state set swept_at = clock_timestamp() + interval '1 day'`;
    expect(await sweep()).toEqual([forgotten]);
  });

  it("a worker logs its sweeps until it is stopped", async () => {
    const forgotten = await rig.addCapsule();
    await sweep();
    await letMinutesPass(10);
    const log = createLog("silent", false);
    const logged = new Promise((resolve) => {
      log.warn = resolve;
    });
    const options = { database: rig.database, workerName: "worker-a", keepDays: 0, log };
    const off = startSweeping({ ...options, everySeconds: 0 });
    const sweeping = startSweeping({ ...options, everySeconds: 300 });
    expect(await logged).toEqual({ capsuleId: forgotten, msgId: expect.any(String) as string });
    await Promise.all([off[Symbol.asyncDispose](), sweeping[Symbol.asyncDispose]()]);
    expect(await rig.sql`select swept_by from keepsake.queue_state`).toEqual([{ swept_by: "worker-a" }]);
  });
});

describe("not stuck", () => {
  it("a cancelled capsule is not stuck until it is enqueued again", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await publishFilm(rig.database, job, filmOf(capsuleId));
    await rig.sql`update public.capsules set status = 'closed' where id = ${capsuleId}::uuid`;
    await enqueueCapsule(rig.database, capsuleId, never);
    await cancelCapsule(rig.database, capsuleId, never);
    expect(await stuck()).toEqual([]);
    await enqueueCapsule(rig.database, capsuleId, never);
    await rig.sql`select pgmq.purge_queue('video_jobs_queue')`;
    expect(await stuck()).toEqual([capsuleId]);
  });

  it("a capsule with a dead letter or a discarded one is not stuck, but one whose retry vanished is", async () => {
    const { capsuleId, letter } = await sendToDeadLetters();
    expect(await stuck()).toEqual([]);
    await discardDeadLetter(rig.database, letter, never);
    expect(await stuck()).toEqual([]);
    await rig.clear();
    const again = await sendToDeadLetters();
    await retryDeadLetter(rig.database, again.letter, {}, never);
    expect(await stuck()).toEqual([]);
    await rig.sql`select pgmq.purge_queue('video_jobs_queue')`;
    expect(await stuck()).toEqual([again.capsuleId]);
    expect(again.capsuleId).not.toBe(capsuleId);
  });

  it("a capsule whose job died before an attempt acquired it, and was discarded, is not stuck", async () => {
    const capsuleId = await rig.addCapsule();
    await rig.send({ capsule_id: capsuleId, job_type: "something_else" });
    await finishAttempt(rig.database, await rig.claim(), rejected);
    const [letter] = await listDeadLetters(rig.database, {}, never);
    await discardDeadLetter(rig.database, must(letter).msgId, never);
    expect(await stuck()).toEqual([]);
  });
});

describe("an operator's requeue", () => {
  it("an operator's requeue enqueues each capsule once when several operators ask at once", async () => {
    const capsules = await Promise.all(Array.from({ length: 12 }, () => rig.addCapsule()));
    const asked = await Promise.all([1, 2, 3].map(() => requeueStuckCapsules(rig.database, never)));
    expect(
      asked
        .flat()
        .map(({ capsuleId }) => capsuleId)
        .sort(),
    ).toEqual(capsules.sort());
    const [count] = await rig.sql`select count(*)::int as jobs from pgmq.q_video_jobs_queue`;
    expect(count).toEqual({ jobs: 12 });
  });

  it("an operator's requeue enqueues one capsule by its id, and none that is not stuck", async () => {
    const [one, other] = [await rig.addCapsule(), await rig.addCapsule()];
    const requeued = await requeueStuckCapsules(rig.database, never, { capsuleId: other, doneBy: "maria" });
    expect(requeued.map(({ capsuleId }) => capsuleId)).toEqual([other]);
    expect(await requeueStuckCapsules(rig.database, never, { capsuleId: other })).toEqual([]);
    expect(await stuck()).toEqual([one]);
    expect(await rig.sql`select action, capsule_id, done_by from keepsake.operations`).toEqual([
      { action: "requeue", capsule_id: other, done_by: "maria" },
    ]);
  });
});
