import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import {
  beginForgetting,
  claimRemovals,
  finishForgetting,
  finishRemoval,
  listForgotten,
} from "../../../dist/queue/forget.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import {
  filmOf,
  must,
  never,
  openQueueRig,
  payloadFor,
  waitUntilBlocked,
  type QueueRig,
} from "./queue-rig.js";

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

const done = { objects: 3, doneBy: "maria" };
const ended = { code: null, message: null } as const;
const rejected = { ...ended, outcome: "rejected", code: "nothing-to-film" } as const;

const begin = async (capsuleId: string) => await beginForgetting(rig.database, capsuleId, never);
const finish = async (capsuleId: string) => await finishForgetting(rig.database, capsuleId, done, never);

async function publishOne(): Promise<string> {
  const { capsuleId, job } = await rig.startFilm();
  expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
  return capsuleId;
}

/** All places of the database in which the id of a capsule stands, but for the app's tables. */
async function mentions(capsuleId: string): Promise<string[]> {
  const tables = await rig.sql<{ name: string }[]>`
    select c.oid::regclass::text as name from pg_class as c
    where c.relkind = 'r' and (c.relnamespace = 'keepsake'::regnamespace or c.relname ~ '^[qa]_video_jobs_')
    order by 1`;
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await rig.sql.unsafe(`select 1 from ${name} as r where r::text ilike $1`, [
      `%${capsuleId}%`,
    ]);
    if (rows.length > 0) found.push(name);
  }
  return found;
}

async function capsuleRow(capsuleId: string) {
  const [row] =
    await rig.sql`select status, final_video_url as url from public.capsules where id = ${capsuleId}::uuid`;
  return row;
}

describe("a capsule that an operator forgets", () => {
  it("forgetting a capsule leaves only the operation and the mark that no sweep may film it", async () => {
    const other = await publishOne();
    const capsuleId = await publishOne();
    // A second job of it died, a third was retried from its letter and waits.
    await rig.send(payloadFor(capsuleId));
    const dying = await rig.claim();
    await acquireCapsule(rig.database, dying, capsuleId);
    await finishAttempt(rig.database, dying, rejected);
    await enqueueCapsule(rig.database, capsuleId, never, { doneBy: "maria" });
    expect(await mentions(capsuleId)).toEqual([
      "keepsake.attempts",
      "keepsake.films",
      "keepsake.operations",
      "pgmq.a_video_jobs_queue",
      "pgmq.q_video_jobs_dlq",
      "pgmq.q_video_jobs_queue",
    ]);

    expect(await begin(capsuleId)).toMatchObject({
      archived: 1,
      stopping: 0,
      capsuleStatus: "completed",
      filmUrl: filmOf(capsuleId).url,
    });
    expect(await finish(capsuleId)).toEqual({
      films: 1,
      attempts: 2,
      jobs: 3,
      deadLetters: 1,
      operations: 1,
      address: "cleared",
      rejection: null,
    });
    expect(await mentions(capsuleId)).toEqual(["keepsake.films", "keepsake.operations"]);
    const [film] = await rig.sql`
      select state, msg_id, url, fingerprint, warnings, removing_at from keepsake.films where capsule_id = ${capsuleId}::uuid`;
    expect(film).toEqual({
      state: "cancelled",
      msg_id: 0n,
      url: null,
      fingerprint: null,
      warnings: [],
      removing_at: null,
    });
    const operations =
      await rig.sql`select action, done_by, detail from keepsake.operations where capsule_id = ${capsuleId}::uuid`;
    expect(operations).toEqual([
      {
        action: "forget",
        done_by: "maria",
        detail: { films: 1, attempts: 2, jobs: 3, dead_letters: 1, operations: 1, objects: 3 },
      },
    ]);
    expect(await capsuleRow(capsuleId)).toEqual({ status: "completed", url: null });
    // The neighbour is as it was.
    expect(await capsuleRow(other)).toMatchObject({ url: filmOf(other).url });
    expect(await mentions(other)).toContain("keepsake.attempts");
  });

  it("forgets a capsule twice, and one that never existed", async () => {
    const capsuleId = await publishOne();
    await begin(capsuleId);
    await finish(capsuleId);
    await begin(capsuleId);
    const nothing = {
      films: 0,
      attempts: 0,
      jobs: 0,
      deadLetters: 0,
      operations: 0,
      address: null,
      rejection: null,
    };
    expect(await finish(capsuleId)).toEqual(nothing);
    const nobody = randomUUID();
    expect(await begin(nobody)).toMatchObject({ capsuleStatus: null, filmUrl: null });
    expect(await finish(nobody)).toEqual(nothing);
    expect(await mentions(nobody)).toEqual(["keepsake.operations"]);
  });

  it("a forgotten capsule is not filmed by a sweep, but by an operator", async () => {
    const capsuleId = await publishOne();
    await rig.sql`update public.capsules set status = 'closed'`;
    await begin(capsuleId);
    await finish(capsuleId);
    for (let turn = 0; turn < 2; turn += 1) {
      await rig.sql`select keepsake.sweep('worker-a', 0, 0)`;
    }
    expect(await rig.sql`select 1 from pgmq.q_video_jobs_queue`).toHaveLength(0);
    await enqueueCapsule(rig.database, capsuleId, never);
    const job = await rig.claim();
    expect(await acquireCapsule(rig.database, job, capsuleId)).toBe("acquired");
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
    expect(await capsuleRow(capsuleId)).toMatchObject({ url: filmOf(capsuleId).url });
  });

  it("forgetting stops the running film first, and nothing is published", async () => {
    const { capsuleId, job } = await rig.startFilm();
    expect(await begin(capsuleId)).toMatchObject({ archived: 0, stopping: 1 });
    // While its worker has not stopped nothing is deleted.
    expect(await finish(capsuleId)).toBeNull();
    expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("cancelled");
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("cancelled");
    await finishAttempt(rig.database, job, { ...ended, outcome: "cancelled" });
    expect(await begin(capsuleId)).toMatchObject({ stopping: 0 });
    expect(await finish(capsuleId)).toMatchObject({ attempts: 1, jobs: 1, address: null });
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("lost");
    expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("lost");
    expect(await finishAttempt(rig.database, job, rejected)).toMatchObject({ jobState: "lost" });
    expect(await capsuleRow(capsuleId)).toEqual({ status: "closed", url: null });
  });

  it("forgetting does not wait for a worker that is gone, and its late film is lost", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await rig.letTimePass(job.msgId);
    expect(await begin(capsuleId)).toMatchObject({ archived: 1, stopping: 0 });
    await finish(capsuleId);
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("lost");
    expect(await capsuleRow(capsuleId)).toEqual({ status: "closed", url: null });
  });

  it("no worker films a capsule while its objects are removed", async () => {
    const capsuleId = await publishOne();
    await begin(capsuleId);
    await enqueueCapsule(rig.database, capsuleId, never);
    expect(await acquireCapsule(rig.database, await rig.claim(), capsuleId)).toBe("deferred");
    expect(await finish(capsuleId)).toMatchObject({ jobs: 2 });
    // Somebody who died at it keeps others from it for ten minutes.
    await begin(capsuleId);
    await rig.sql`update keepsake.films set removing_at = removing_at - interval '11 minutes'`;
    await enqueueCapsule(rig.database, capsuleId, never);
    expect(await acquireCapsule(rig.database, await rig.claim(), capsuleId)).toBe("acquired");
  });

  it("forgetting reports a URL of something else and one that the app's table keeps", async () => {
    const external = await publishOne();
    await rig.sql`update public.capsules set final_video_url = 'https://tv.example/our-film'`;
    await begin(external);
    expect(await finish(external)).toMatchObject({ films: 1, address: "other" });
    expect(await capsuleRow(external)).toMatchObject({ url: "https://tv.example/our-film" });

    const kept = await publishOne();
    await rig.sql.unsafe(`
      alter table public.capsules add constraint completed_has_a_film
      check (status <> 'completed' or final_video_url is not null)`);
    try {
      await begin(kept);
      const records = must(await finish(kept));
      expect(records).toMatchObject({ films: 1, attempts: 1, address: "rejected" });
      expect(records.rejection).toContain("completed_has_a_film");
      expect(await capsuleRow(kept)).toEqual({ status: "completed", url: filmOf(kept).url });
    } finally {
      await rig.sql.unsafe("alter table public.capsules drop constraint completed_has_a_film");
    }
  });

  it("forgetting keeps the fence of an earlier queue without data of the capsule", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await finishAttempt(rig.database, job, { ...rejected, message: "Her words." });
    await rig.sql`truncate pgmq.q_video_jobs_queue restart identity`;
    const other = await rig.addCapsule();
    expect(await rig.send(payloadFor(other))).toBe(job.msgId);
    await begin(capsuleId);
    await finish(capsuleId);
    const rows = await rig.sql`select capsule_id, error_message from keepsake.attempts`;
    expect(rows).toEqual([{ capsule_id: null, error_message: null }]);
    expect((await rig.claim()).readCount).toBe(2);
  });

  it("forgetting locks in the common order and waits for a publication under way", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const published = await rig.sql.begin(async (sql) => {
      await sql`select 1 from public.capsules where id = ${capsuleId}::uuid for update`;
      const publishing = publishFilm(rig.database, job, filmOf(capsuleId));
      await waitUntilBlocked(rig.direct.sql);
      return [publishing, finish(capsuleId)] as const;
    });
    const [publication, records] = await Promise.all(published);
    if (publication === "published") expect(records === null || records.films === 1).toBe(true);
    else expect(records).toBeNull();
  });
});

describe("the film of a deleted capsule", () => {
  const claim = async (keepDays = 90) => await claimRemovals(rig.database, keepDays, never);
  const remove = async (capsuleId: string) =>
    await finishRemoval(rig.database, capsuleId, { objects: 3, workerName: "worker-a" }, never);

  async function deleteCapsules(): Promise<void> {
    await rig.sql`delete from public.messages`;
    await rig.sql`delete from public.capsules`;
  }

  async function letDaysPass(days: number): Promise<void> {
    await rig.sql`
      update keepsake.films set gone_at = gone_at - make_interval(days => ${days}::integer),
        removing_at = removing_at - make_interval(days => ${days}::integer)`;
  }

  it("the film of a capsule that is gone for the set days is given to one caller and forgotten", async () => {
    const capsuleId = await publishOne();
    expect(await claim()).toEqual([]);
    await deleteCapsules();
    // However old the film is: the days are counted from when a sweep first found its capsule gone.
    await rig.sql`update keepsake.films set updated_at = updated_at - interval '3 years'`;
    expect(await claim()).toEqual([]);
    await letDaysPass(89);
    expect(await claim()).toEqual([]);
    await letDaysPass(2);
    expect(await claim()).toEqual([capsuleId]);
    expect(await claim()).toEqual([]);
    expect(await remove(capsuleId)).toBe(true);
    expect(await remove(capsuleId)).toBe(false);
    expect(await mentions(capsuleId)).toEqual(["keepsake.operations"]);
    const [operation] = await rig.sql`select action, done_by from keepsake.operations`;
    expect(operation).toEqual({ action: "forget", done_by: "sweep by worker-a" });
  });

  it("the film of a deleted capsule is given out again ten minutes after the store failed", async () => {
    const capsuleId = await publishOne();
    await deleteCapsules();
    await claim();
    await letDaysPass(91);
    expect(await claim()).toEqual([capsuleId]);
    await rig.sql`update keepsake.films set removing_at = removing_at - interval '11 minutes'`;
    // It is too late to report the removal: another caller may have the film.
    expect(await remove(capsuleId)).toBe(false);
    expect(await claim()).toEqual([capsuleId]);
    expect(await remove(capsuleId)).toBe(true);
  });

  it("the film of a restored capsule stays, and its days begin again", async () => {
    const capsuleId = await publishOne();
    await deleteCapsules();
    await claim();
    await letDaysPass(91);
    const restore = async () =>
      await rig.sql`insert into public.capsules (id, status) values (${capsuleId}::uuid, 'completed')`;
    expect(await claim()).toEqual([capsuleId]);
    await restore();
    expect(await remove(capsuleId)).toBe(false);
    expect(await mentions(capsuleId)).toContain("keepsake.films");
    await letDaysPass(1);
    expect(await claim()).toEqual([]);
    await deleteCapsules();
    expect(await claim()).toEqual([]);
    await letDaysPass(91);
    expect(await claim()).toEqual([capsuleId]);
  });

  it("removing a film waits for a job of its capsule, and deletes its dead letter", async () => {
    const capsuleId = await publishOne();
    await rig.send(payloadFor(capsuleId));
    await deleteCapsules();
    await claim();
    await letDaysPass(91);
    expect(await claim()).toEqual([]);
    const job = await rig.claim();
    await acquireCapsule(rig.database, job, capsuleId);
    await finishAttempt(rig.database, job, rejected);
    expect(await claim()).toEqual([capsuleId]);
    expect(await remove(capsuleId)).toBe(true);
    expect(await mentions(capsuleId)).toEqual(["keepsake.operations"]);
  });

  it("no film is given out within a week, nor that of an existing capsule", async () => {
    const capsuleId = await publishOne();
    await deleteCapsules();
    await claim();
    await letDaysPass(6);
    for (const days of [0, 6, -1]) expect(await claim(days)).toEqual([]);
    expect(await remove(capsuleId)).toBe(false);
    const there = await publishOne();
    expect(await remove(there)).toBe(false);
    expect(await mentions(there)).toContain("keepsake.films");
  });

  it("films of deleted capsules are searched in parts, and none is missed", async () => {
    await rig.sql`
      insert into keepsake.films (capsule_id, state, msg_id, read_ct)
      select gen_random_uuid(), 'published', i, 1 from generate_series(1, 1500) as i`;
    await claim();
    await claim();
    const [row] = await rig.sql`select count(*)::int as gone from keepsake.films where gone_at is not null`;
    expect(row).toEqual({ gone: 1500 });
    await letDaysPass(91);
    expect(await claim()).toHaveLength(20);
  });

  it("every worker receives the forgotten capsules in order and once", async () => {
    const first = await publishOne();
    const second = await publishOne();
    for (const capsuleId of [first, second]) {
      await begin(capsuleId);
      await finish(capsuleId);
    }
    const told = await listForgotten(rig.database, 0, never);
    expect(told.map(({ capsuleId }) => capsuleId)).toEqual([first, second]);
    expect(await listForgotten(rig.database, must(told[0]).operationId, never)).toEqual(told.slice(1));
    expect(await listForgotten(rig.database, must(told[1]).operationId, never)).toEqual([]);
  });
});
