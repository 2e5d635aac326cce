import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { claimJob, type ClaimedJob } from "../../../dist/queue/claim-job.js";
import {
  beginForgetting,
  claimRemovals,
  finishForgetting,
  finishRemoval,
} from "../../../dist/queue/forget.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import { filmFor, must, never, openQueueRig, payloadFor, type QueueRig } from "./queue-rig.js";

let rig: QueueRig;
/** Capsules by the ids of their jobs. */
const capsules = new Map<bigint, string>();
beforeAll(async () => {
  rig = await openQueueRig();
});
beforeEach(async () => {
  capsules.clear();
  await rig.clear();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

/** Sends the job of a capsule with so many messages, as the app does without us. */
async function send(messages: number): Promise<bigint> {
  const capsuleId = await rig.addCapsule();
  await rig.sql`
    insert into public.messages (capsule_id, contributor_name, content_text)
    select ${capsuleId}::uuid, 'Daniel', 'The lake.' from generate_series(2, ${messages}::integer)`;
  const msgId = await rig.send(payloadFor(capsuleId));
  capsules.set(msgId, capsuleId);
  return msgId;
}

async function acquire(job: ClaimedJob): Promise<void> {
  expect(await acquireCapsule(rig.database, job, must(capsules.get(job.msgId)))).toBe("acquired");
}

/** Claims the next job and publishes its film at once. */
async function film(): Promise<bigint> {
  const job = await rig.claim();
  await acquire(job);
  await publish(job);
  return job.msgId;
}

async function publish(job: ClaimedJob): Promise<void> {
  const made = await filmFor(rig.sql, must(capsules.get(job.msgId)));
  expect(await publishFilm(rig.database, job, made)).toBe("published");
}

async function filmAll(count: number): Promise<bigint[]> {
  const order: bigint[] = [];
  for (let turn = 0; turn < count; turn++) order.push(await film());
  return order;
}

const timedOut = {
  outcome: "failed",
  code: "attempt-timed-out",
  message: "The film was not finished in 7200 s.",
} as const;

/** An attempt that ran into the time limit, and whose backoff is over. */
async function timeOut(): Promise<bigint> {
  const job = await rig.claim();
  await acquire(job);
  expect(await finishAttempt(rig.database, job, timedOut)).toMatchObject({ jobState: "waiting" });
  await rig.letTimePass(job.msgId);
  return job.msgId;
}

describe("the order of jobs", () => {
  it("the order is first in, first out among capsules of one size", async () => {
    for (const size of [3, 150]) {
      const sent = [await send(size), await send(size + 1), await send(size)];
      expect(await filmAll(3)).toEqual(sent);
    }
  });

  it("a short capsule waits for one long one, not for all that were sent before it", async () => {
    const long = [await send(300), await send(200), await send(101)];
    const short = [await send(1), await send(20), await send(2)];
    const [first, ...others] = long;
    expect(await filmAll(6)).toEqual([first, ...short, ...others]);
  });

  it("a capsule of medium size overtakes long ones, and short ones overtake it", async () => {
    const [long, secondLong] = [await send(300), await send(300)];
    const [medium, secondMedium] = [await send(50), await send(21)];
    const short = await send(5);
    expect(await filmAll(5)).toEqual([long, short, medium, secondMedium, secondLong]);
  });

  it("claims a long job in the end, however many short ones are sent", async () => {
    const long = [await send(200), await send(200), await send(200)];
    const order: bigint[] = [];
    for (let turn = 0; turn < 9; turn++) {
      await send(1);
      order.push(await film());
    }
    // The first was sent before any short one; each other waits for those that were there when the last long one ended.
    const turns = long.map((id) => order.indexOf(id));
    expect(turns[0]).toBe(0);
    expect(turns).toEqual(turns.toSorted((a, b) => a - b));
    expect(turns).not.toContain(-1);
  });

  it("a long film that failed or was made by another worker lets the short ones go first", async () => {
    await send(200);
    const waiting = await send(200);
    const [running, other] = [await rig.claim("worker-a"), await rig.claim("worker-b")];
    await acquire(running);
    await acquire(other);
    const third = await send(200);
    const short = await send(1);
    expect(other.msgId).toBe(waiting);
    await finishAttempt(rig.database, other, { ...timedOut, code: "storage-unavailable" });
    expect((await rig.claim("worker-b")).msgId).toBe(short);
    expect((await rig.claim("worker-b")).msgId).toBe(third);
  });

  it("a long film lets the short ones go first although its capsule was forgotten since", async () => {
    const forget = async (capsuleId: string): Promise<void> => {
      expect(await beginForgetting(rig.database, capsuleId, never)).toMatchObject({ stopping: 0 });
      await finishForgetting(rig.database, capsuleId, { objects: 3, doneBy: "maria" }, never);
    };
    const remove = async (capsuleId: string): Promise<void> => {
      await rig.sql`delete from public.messages where capsule_id = ${capsuleId}::uuid`;
      await rig.sql`delete from public.capsules where id = ${capsuleId}::uuid`;
      await rig.sql`
        update keepsake.films set gone_at = clock_timestamp() - interval '31 days' where capsule_id = ${capsuleId}::uuid`;
      expect(await claimRemovals(rig.database, 30, never)).toEqual([capsuleId]);
      const removal = { objects: 3, workerName: "worker-a" };
      expect(await finishRemoval(rig.database, capsuleId, removal, never)).toBe(true);
    };
    for (const go of [forget, remove]) {
      await rig.clear();
      const [made, waiting, short] = [await send(200), await send(200), await send(1)];
      expect(await film()).toBe(made);
      await go(must(capsules.get(made)));
      expect(await filmAll(2)).toEqual([short, waiting]);
      const named = await rig.sql`
        select 1 from keepsake.attempts where capsule_id = ${must(capsules.get(made))}::uuid`;
      expect(named).toEqual([]);
    }
  });

  it("puts a job that reached the time limit behind those that wait, and before later ones", async () => {
    const slow = await send(1);
    const waiting = [await send(1), await send(1)];
    expect(await timeOut()).toBe(slow);
    const later = await send(1);
    expect(await filmAll(4)).toEqual([...waiting, slow, later]);
  });

  it("a job that reaches the time limit goes behind the others each time, and behind short ones", async () => {
    const slow = await send(300);
    const long = await send(300);
    expect(await timeOut()).toBe(slow);
    const short = await send(1);
    expect(await film()).toBe(long);
    expect(await film()).toBe(short);
    expect(await timeOut()).toBe(slow);
    const last = await send(1);
    expect(await filmAll(2)).toEqual([slow, last]);
  });

  it("hides and counts an overtaking job as PGMQ's own read does", async () => {
    await send(200);
    await send(200);
    await send(1);
    await film();
    const job = await rig.claim();
    expect(job).toMatchObject({ readCount: 1, attemptNumber: 1, isLast: false });
    const [row] = await rig.sql`
      select read_ct, extract(epoch from vt - clock_timestamp())::float8 as left, to_jsonb(q) -> 'last_read_at' as read_at
      from pgmq.q_video_jobs_queue as q where msg_id = ${job.msgId}::bigint`;
    expect(must(row)).toMatchObject({ read_ct: 1, read_at: expect.any(String) });
    expect(must(row)["left"]).toBeGreaterThan(110);
    await rig.letTimePass(job.msgId);
    expect(await rig.claim("worker-b")).toMatchObject({ msgId: job.msgId, readCount: 2 });
  });

  it("gives each job to one of many workers that claim at once", async () => {
    await send(200);
    for (const size of [200, 200, 1, 1, 1]) await send(size);
    await film();
    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, index) => claimJob(rig.database, `worker-${index}`, 120)),
    );
    const ids = claims.flatMap((job) => job?.msgId ?? []);
    expect(new Set(ids).size).toBe(5);
    expect(ids).toHaveLength(5);
  });

  it("the order is first in, first out where the messages cannot be counted", async () => {
    const sent = [await send(200), await send(200), await send(1)];
    await rig.sql`alter table public.messages rename to messages_elsewhere`;
    try {
      const claimed = [];
      for (let turn = 0; turn < 3; turn++) claimed.push((await rig.claim()).msgId);
      expect(claimed).toEqual(sent);
    } finally {
      await rig.sql`alter table public.messages_elsewhere rename to messages`;
    }
  });

  it("deletes the sizes of jobs that are gone", async () => {
    const [first] = [await send(200), await send(1)];
    await film();
    await rig.sql`select pgmq.delete('video_jobs_queue'::text, msg_id) from pgmq.q_video_jobs_queue`;
    const sizes = async () =>
      (await rig.sql`select msg_id from keepsake.job_sizes`).map((row) => row["msg_id"]);
    expect(await sizes()).not.toContain(first);
    await rig.sql`select keepsake.sweep('worker-a', 60)`;
    expect(await sizes()).toEqual([]);
  });
});
