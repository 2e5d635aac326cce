/** Changes by an operator or an app to the queue while a film is made. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import type { ClaimedJob } from "../../../dist/queue/claim-job.js";
import { cancelCapsule } from "../../../dist/operator/operate.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import {
  filmOf,
  must,
  never,
  openQueueRig,
  payloadFor,
  type QueueRig,
  waitUntilBlocked,
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

const failed = {
  outcome: "failed",
  code: "storage-unavailable",
  message: "Storage is out of reach.",
} as const;

async function remakeQueue(): Promise<void> {
  await rig.sql`select pgmq.drop_queue('video_jobs_queue'::text)`;
  await rig.sql`select pgmq.create('video_jobs_queue'::text)`;
}

/** Every function that a zombie of this attempt may still call. */
async function expectPowerless(job: ClaimedJob, capsuleId: string): Promise<void> {
  const before = await rig.snapshot();
  expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("lost");
  expect(await acquireCapsule(rig.database, job, capsuleId)).toBe("lost");
  expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("lost");
  expect((await finishAttempt(rig.database, job, failed)).jobState).toBe("lost");
  expect(await rig.snapshot()).toEqual(before);
}

describe("a queue that is dropped and made again while a film is made", () => {
  it("a worker of a dropped queue cannot change a job with the same id and delivery count", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await remakeQueue();
    expect(await rig.send(payloadFor(await rig.addCapsule()))).toBe(job.msgId);
    await rig.sql`select pgmq.read('video_jobs_queue'::text, 60::integer, 1::integer)`;
    await expectPowerless(job, capsuleId);
  });

  it("a worker of a dropped queue cannot change the capsule of the attempt that has its fence now", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await remakeQueue();
    const other = await rig.addCapsule();
    await rig.send(payloadFor(other));
    const next = await rig.claim("another");
    expect(next.msgId).toBe(job.msgId);
    expect(await acquireCapsule(rig.database, next, other)).toBe("acquired");
    await expectPowerless(job, capsuleId);
    expect(await publishFilm(rig.database, next, filmOf(other))).toBe("published");
    const [row] = await rig.sql`select final_video_url as url from public.capsules where id = ${other}::uuid`;
    expect(must(row)["url"]).toBe(filmOf(other).url);
  });

  it("does not count the deliveries of the job that had the id before", async () => {
    const { job } = await rig.startFilm();
    await rig.sql`update keepsake.attempts set read_ct = 25 where msg_id = ${job.msgId}::bigint`;
    await remakeQueue();
    const capsuleId = await rig.addCapsule();
    await rig.send(payloadFor(capsuleId));
    const next = await rig.claim();
    expect(next).toMatchObject({ readCount: 26, attemptNumber: 1, isLast: false });
    expect(await acquireCapsule(rig.database, next, capsuleId)).toBe("acquired");
    expect((await finishAttempt(rig.database, next, failed)).jobState).toBe("waiting");
  });

  it("migrate indexes a queue again that was dropped and created again", async () => {
    await remakeQueue();
    await rig.sql`select keepsake.index_queues()`;
    const [row] = await rig.sql`select to_regclass('pgmq.keepsake_jobs_of_capsule') is not null as there`;
    expect(row).toEqual({ there: true });
  });
});

describe("a count of deliveries that was set back by hand", () => {
  it("a delivery count that was set back blocks no claim, and no fence is used twice", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await rig.sql`
      update pgmq.q_video_jobs_queue set read_ct = 0, vt = clock_timestamp() where msg_id = ${job.msgId}::bigint`;
    const again = await rig.claim();
    expect(again).toMatchObject({ msgId: job.msgId, readCount: 2, attemptNumber: 2 });
    await expectPowerless(job, capsuleId);
    expect(await acquireCapsule(rig.database, again, capsuleId)).toBe("acquired");
    expect(await publishFilm(rig.database, again, filmOf(capsuleId))).toBe("published");
  });
});

describe("ids that were reset under an archive that has them", () => {
  it.each(["published", "failed for good"])(
    "a job whose id is in the archive already is still %s",
    async (end) => {
      const { capsuleId, job } = await rig.startFilm();
      await publishFilm(rig.database, job, filmOf(capsuleId));
      await rig.sql`truncate pgmq.q_video_jobs_queue restart identity`;
      const other = await rig.addCapsule();
      expect(await rig.send(payloadFor(other))).toBe(job.msgId);
      const next = await rig.claim();
      await acquireCapsule(rig.database, next, other);
      if (end === "published") {
        expect(await publishFilm(rig.database, next, filmOf(other))).toBe("published");
      } else {
        const rejected = { ...failed, outcome: "rejected" } as const;
        expect((await finishAttempt(rig.database, next, rejected)).jobState).toBe("dead");
        const [letter] = await rig.sql`select message ->> 'capsule_id' as id from pgmq.q_video_jobs_dlq`;
        expect(letter).toEqual({ id: other });
      }
      const [left] = await rig.sql`select count(*)::int as jobs from pgmq.q_video_jobs_queue`;
      expect(left).toEqual({ jobs: 0 });
    },
  );
});

describe("a job that is taken away while its film is made", () => {
  const ways = {
    purged: `select pgmq.purge_queue('video_jobs_queue')`,
    "purged as the guide does": `select pgmq.purge('video_jobs_queue')`,
    archived: `select pgmq.archive('video_jobs_queue'::text, $1::bigint)`,
    deleted: `select pgmq.delete('video_jobs_queue'::text, $1::bigint)`,
  };
  it.each(Object.entries(ways))(
    "%s: the film is not published, and the attempt is closed",
    async (_way, sql) => {
      const { capsuleId, job } = await rig.startFilm();
      await rig.sql.unsafe(sql, sql.includes("$1") ? [String(job.msgId)] : []);
      await expectPowerless(job, capsuleId);
      const [closed] = await rig.sql`select keepsake.close_orphans() as count`;
      expect(closed).toEqual({ count: 1 });
      const [state] = await rig.sql`
      select a.outcome, a.error_code as code, f.state
      from keepsake.attempts as a join keepsake.films as f on f.capsule_id = a.capsule_id`;
      expect(state).toEqual({ outcome: "interrupted", code: "job-removed", state: "waiting" });
      await expectPowerless(job, capsuleId);
    },
  );

  it("a sweep closes no attempt whose job exists, also after another reader has read it", async () => {
    const { job } = await rig.startFilm();
    await rig.letTimePass(job.msgId);
    await rig.sql`select pgmq.read('video_jobs_queue'::text, 60::integer, 1::integer)`;
    const [closed] = await rig.sql`select keepsake.close_orphans() as count`;
    expect(closed).toEqual({ count: 0 });
  });
});

describe("a lease that is set by hand", () => {
  it("a lease that is set to nothing gives the job to the next worker", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await rig.sql`select pgmq.set_vt('video_jobs_queue'::text, ${job.msgId}::bigint, 0::integer)`;
    const next = await rig.claim("another");
    await expectPowerless(job, capsuleId);
    expect(await acquireCapsule(rig.database, next, capsuleId)).toBe("acquired");
    expect(await publishFilm(rig.database, next, filmOf(capsuleId))).toBe("published");
  });

  it("the next heartbeat corrects a lease that was set far ahead", async () => {
    const { job } = await rig.startFilm();
    await rig.sql`select pgmq.set_vt('video_jobs_queue'::text, ${job.msgId}::bigint, 86400::integer)`;
    expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("renewed");
    expect(await secondsLeft(job.msgId)).toBeLessThanOrEqual(120);
  });
});

/** The functions know one clock, the server's; a jump of it is a lease that is nearer or farther than it should be. */
describe("a clock that jumps", () => {
  async function jump(hours: number): Promise<void> {
    await rig.sql`update pgmq.q_video_jobs_queue set vt = vt - make_interval(hours => ${hours}::integer)`;
    await rig.sql`
      update keepsake.attempts set started_at = started_at - make_interval(hours => ${hours}::integer),
        heartbeat_at = heartbeat_at - make_interval(hours => ${hours}::integer)`;
  }

  it("with a clock that jumps ahead a heartbeat keeps the job, otherwise it is claimed again and published once", async () => {
    const { job } = await rig.startFilm();
    await jump(1);
    expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("renewed");
    expect(await rig.database.control.call("claim", { worker: "w", lease_seconds: 120 })).toEqual([]);

    await jump(1);
    const next = await rig.claim("another");
    expect(next.msgId).toBe(job.msgId);
    expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("lost");
  });

  it("with a clock that jumps back the next heartbeat corrects the lease, and the film is published", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await jump(-1);
    expect(await secondsLeft(job.msgId)).toBeGreaterThan(3000);
    expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("renewed");
    expect(await secondsLeft(job.msgId)).toBeLessThanOrEqual(120);
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
  });
});

describe("a reply that was lost", () => {
  it("finish returns published after the reply to publish was lost", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await publishFilm(rig.database, job, filmOf(capsuleId));
    const before = await rig.snapshot();
    expect(await finishAttempt(rig.database, job, failed)).toMatchObject({
      jobState: "archived",
      outcome: "published",
    });
    expect(await rig.snapshot()).toEqual(before);
  });

  it("acquire changes nothing when it is repeated after the attempt ended", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await finishAttempt(rig.database, job, { ...failed, outcome: "interrupted" });
    const before = await rig.snapshot();
    expect(await acquireCapsule(rig.database, job, capsuleId)).toBe("lost");
    expect(await rig.snapshot()).toEqual(before);
  });

  it("acquire changes nothing when the attempt ended while it waited for the capsule", async () => {
    const { capsuleId, job } = await rig.startFilm();
    let late: Promise<string> | undefined;
    await rig.sql.begin(async (sql) => {
      await sql`select 1 from keepsake.films where capsule_id = ${capsuleId}::uuid for update`;
      late = acquireCapsule(rig.database, job, capsuleId);
      await waitUntilBlocked(rig.sql);
      await sql`
        select keepsake.finish(
          msg_id => ${job.msgId}::bigint, read_ct => ${job.readCount}::integer, outcome => 'interrupted'
        )`;
    });
    expect(await late).toBe("lost");
    const [film] = await rig.sql`select state from keepsake.films`;
    expect(film).toEqual({ state: "waiting" });
    expect(await secondsLeft(job.msgId)).toBeLessThanOrEqual(0);
  });
});

describe("an app that closes a capsule again whose job still waits", () => {
  async function closeAgain(during: () => Promise<void>): Promise<{ first: bigint; answered: bigint }> {
    const capsuleId = await rig.addCapsule("active");
    const first = await rig.send(payloadFor(capsuleId));
    const answered = await rig.sql.begin(async (sql) => {
      await sql`update public.capsules set status = 'closed' where id = ${capsuleId}::uuid`;
      const [row] = await sql<{ id: bigint }[]>`select keepsake.enqueue(${capsuleId}::uuid) as id`;
      await during();
      return must(row).id;
    });
    return { first, answered };
  }

  it("an app that closes a capsule again gets its waiting job, which no worker claims before the app commits", async () => {
    const { first, answered } = await closeAgain(async () => {
      // Otherwise the worker would read a capsule that is not closed, and the job that the app knows would become a dead letter.
      expect(await rig.database.control.call("claim", { worker: "w", lease_seconds: 120 })).toEqual([]);
    });
    expect(answered).toBe(first);
    expect((await rig.claim()).msgId).toBe(first);
  });

  it("an app gets another job when the waiting one was claimed at that moment", async () => {
    const capsuleId = await rig.addCapsule();
    const first = await rig.send(payloadFor(capsuleId));
    let answer: Promise<bigint> | undefined;
    await rig.sql.begin(async (sql) => {
      // A claim that is under way: its row is locked, and skipped.
      await sql`select * from keepsake.claim('w', 120)`;
      answer = rig.database.control
        .call<number>("enqueue", { capsule_id: capsuleId })
        .then((id) => BigInt(id));
      expect(await answer).not.toBe(first);
    });
  });
});

describe("a job that an operator cancelled", () => {
  it.each(["failed", "crashed", "interrupted", "setup", "rejected", "cancelled"] as const)(
    "a cancelled job ends as cancelled when its attempt ended as %s before",
    async (outcome) => {
      const { capsuleId, job } = await rig.startFilm();
      expect(await cancelCapsule(rig.database, capsuleId, never)).toMatchObject({ stopping: 1 });
      const settled = await finishAttempt(rig.database, job, { ...failed, outcome });
      expect(settled).toMatchObject({ jobState: "archived", outcome: "cancelled" });
      const [film] = await rig.sql`select state from keepsake.films`;
      expect(film).toEqual({ state: "cancelled" });
    },
  );
});

async function secondsLeft(msgId: bigint): Promise<number> {
  const [row] = await rig.sql<{ seconds: number }[]>`
    select extract(epoch from vt - clock_timestamp())::float8 as seconds
    from pgmq.q_video_jobs_queue where msg_id = ${msgId}::bigint`;
  return must(row).seconds;
}
