import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createLog } from "../../../dist/log.js";
import { discardDeadLetter, listDeadLetters } from "../../../dist/operator/dead-letters.js";
import { readCapsuleHistory } from "../../../dist/operator/capsule-history.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { pruneRecords, type Pruned } from "../../../dist/queue/prune.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import { startSweeping } from "../../../dist/queue/sweep.js";
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

const nothing: Pruned = {
  attempts: 0,
  operations: 0,
  archivedJobs: 0,
  archivedDeadLetters: 0,
  denied: null,
};
const failed = {
  outcome: "failed",
  code: "media-gone",
  message: null,
} as const;
const rejected = { ...failed, outcome: "rejected", code: "nothing-to-film" } as const;

const prune = async (): Promise<Pruned> => await pruneRecords(rig.database, 90, never);

/** Everything but what is under way becomes older by so many days. */
async function letDaysPass(days: number): Promise<void> {
  await rig.sql`update keepsake.attempts set ended_at = ended_at - make_interval(days => ${days}::integer)`;
  await rig.sql`update keepsake.operations set done_at = done_at - make_interval(days => ${days}::integer)`;
  await rig.sql`update keepsake.films set updated_at = updated_at - make_interval(days => ${days}::integer)`;
  for (const archive of ["a_video_jobs_queue", "a_video_jobs_dlq"]) {
    await rig.sql`
      update ${rig.sql(`pgmq.${archive}`)} set archived_at = archived_at - make_interval(days => ${days}::integer)`;
  }
}

async function publishOne(): Promise<string> {
  const { capsuleId, job } = await rig.startFilm();
  expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
  return capsuleId;
}

async function counts() {
  const [row] = await rig.sql`
    select
      (select count(*)::int from keepsake.attempts) as attempts,
      (select count(*)::int from keepsake.films) as films,
      (select count(*)::int from pgmq.a_video_jobs_queue) as jobs,
      (select count(*)::int from pgmq.q_video_jobs_dlq) as letters`;
  return must(row);
}

describe("pruning", () => {
  it("prune deletes what ended long ago, and not the film of an existing capsule", async () => {
    const capsuleId = await publishOne();
    await letDaysPass(89);
    expect(await prune()).toEqual(nothing);
    await letDaysPass(2);
    expect(await prune()).toEqual({ ...nothing, attempts: 1, archivedJobs: 1 });
    const { capsule, film, attempts } = await readCapsuleHistory(rig.database, capsuleId, never);
    expect(capsule).toMatchObject({ status: "completed" });
    expect(film).toMatchObject({ state: "published", url: filmOf(capsuleId).url });
    expect(attempts).toEqual([]);
    expect(await prune()).toEqual(nothing);
  });

  it("prune leaves the film of a deleted capsule to its removal from the store", async () => {
    await publishOne();
    await rig.sql`delete from public.messages`;
    await rig.sql`delete from public.capsules`;
    await letDaysPass(400);
    await prune();
    expect(await counts()).toMatchObject({ films: 1, attempts: 0 });
  });

  it("prune keeps dead letters and the attempts of waiting jobs and of dead letters", async () => {
    const { job } = await rig.startFilm();
    await finishAttempt(rig.database, job, failed);
    const { job: last } = await rig.startFilm();
    await finishAttempt(rig.database, last, rejected);
    const { job: running } = await rig.startFilm();
    await letDaysPass(400);
    expect(await prune()).toEqual({ ...nothing, archivedJobs: 1 });
    expect(await counts()).toMatchObject({ attempts: 3, letters: 1 });
    expect(running.readCount).toBe(1);

    const [letter] = await listDeadLetters(rig.database, {}, never);
    await discardDeadLetter(rig.database, must(letter).msgId, never);
    await letDaysPass(400);
    expect(await prune()).toEqual({ ...nothing, attempts: 1, operations: 1, archivedDeadLetters: 1 });
  });

  it("prune keeps the fences of an earlier queue that a job with the same id is counted from", async () => {
    const { job } = await rig.startFilm();
    await finishAttempt(rig.database, job, failed);
    await rig.letTimePass(job.msgId);
    const again = await rig.claim();
    await finishAttempt(rig.database, again, failed);
    await rig.sql`truncate pgmq.q_video_jobs_queue restart identity`;
    const capsuleId = await rig.addCapsule();
    expect(await rig.send(payloadFor(capsuleId))).toBe(job.msgId);
    await letDaysPass(400);
    expect(await prune()).toEqual(nothing);
    expect((await rig.claim()).readCount).toBe(3);
  });

  it("prune deletes little at a time, and everything in the end", async () => {
    for (let turn = 0; turn < 5; turn += 1) await publishOne();
    await letDaysPass(91);
    const before = await counts();
    for (let turn = 0; turn < 4; turn += 1) {
      const [row] = await rig.sql`select attempts, archived_jobs as jobs from keepsake.prune(90, 2)`;
      for (const count of Object.values(must(row)) as number[]) expect(count).toBeLessThanOrEqual(2);
    }
    expect(before).toMatchObject({ attempts: 5, jobs: 5 });
    expect(await counts()).toMatchObject({ attempts: 0, jobs: 0 });
  });

  it("prune deletes nothing when all is to be kept", async () => {
    await publishOne();
    await letDaysPass(91);
    for (const days of [0, 6, -90]) expect(await pruneRecords(rig.database, days, never)).toEqual(nothing);
  });

  it("a worker prunes after its sweep and logs what it deleted", async () => {
    await publishOne();
    await letDaysPass(91);
    const log = createLog("silent", false);
    const logged = new Promise((resolve) => {
      log.info = resolve;
    });
    const options = { database: rig.database, workerName: "worker-a", everySeconds: 300, keepDays: 90, log };
    const sweeping = startSweeping(options);
    const { denied: _, ...none } = nothing;
    expect(await logged).toEqual({ ...none, attempts: 1, archivedJobs: 1, keepDays: 90 });
    await sweeping[Symbol.asyncDispose]();
  });

  it("prune explains what the owner of the archives does not let it delete", async () => {
    const capsuleId = await publishOne();
    await letDaysPass(91);
    const role = `pruner_${capsuleId.slice(0, 8)}`;
    await rig.sql.unsafe(`
      create role ${role};
      grant usage, create on schema keepsake to ${role};
      grant usage on schema pgmq to ${role};
      grant select on pgmq.q_video_jobs_queue, pgmq.q_video_jobs_dlq to ${role};
      grant execute on all functions in schema keepsake to ${role};
      alter table keepsake.attempts owner to ${role};
      alter table keepsake.operations owner to ${role};
      -- As they are where the queues belong to another role.
      alter table pgmq.q_video_jobs_queue disable row level security;
      alter table pgmq.q_video_jobs_dlq disable row level security;
      alter function keepsake.prune(integer, integer) owner to ${role}`);
    try {
      const pruned = await prune();
      expect(pruned).toMatchObject({ archivedJobs: 0 });
      expect(pruned.denied).toContain("PGMQ's archives");
      expect(await counts()).toMatchObject({ films: 1, jobs: 1 });
    } finally {
      await rig.sql.unsafe(`
        reassign owned by ${role} to current_user;
        alter table pgmq.q_video_jobs_queue enable row level security;
        alter table pgmq.q_video_jobs_dlq enable row level security;
        drop owned by ${role};
        drop role ${role}`);
    }
  });
});

it("waking deferred jobs does not wait for a job that an enqueueing app has locked", async () => {
  const { capsuleId, job } = await rig.startFilm();
  const held = await rig.send(payloadFor(capsuleId));
  const second = await rig.claim("worker-b");
  expect(second.msgId).toBe(held);
  expect(await acquireCapsule(rig.database, second, capsuleId)).toBe("deferred");
  await rig.sql.begin(async (sql) => {
    const [row] = await sql<{ id: bigint }[]>`select keepsake.enqueue(${capsuleId}::uuid) as id`;
    expect(must(row).id).toBe(held);
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
  });
});
