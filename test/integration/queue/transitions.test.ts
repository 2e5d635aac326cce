import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { beat } from "../../../dist/queue/beat.js";
import { claimJob } from "../../../dist/queue/claim-job.js";
import { ownCapsule } from "../../../dist/queue/own-capsule.js";
import { findPublishedFilm, publishFilm } from "../../../dist/queue/publish-film.js";
import { listAttempts, listFilms } from "../../../dist/queue/queue-status.js";
import { settleAttempt, type Settlement } from "../../../dist/queue/settle-attempt.js";
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

function settlement(outcome: Settlement["outcome"], code: string | null = null): Settlement {
  return { outcome, code, message: code, stack: null, fingerprint: null };
}

describe("claim", () => {
  it("takes the oldest visible job and hides it for the lease", async () => {
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

  it("gives one job to one of many who ask at once", async () => {
    await rig.send(payloadFor(await rig.addCapsule()));
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, index) => claimJob(rig.database, `worker-${index}`, 120)),
    );
    expect(claims.filter((job) => job !== null)).toHaveLength(1);
  });

  it("counts an attempt that never ended as crashed, and buries the job after the third", async () => {
    const { capsuleId, job } = await rig.startFilm();
    for (const attemptNumber of [2, 3]) {
      await rig.letTimePass(job.msgId);
      const next = await rig.claim("worker-b");
      expect(next).toMatchObject({ msgId: job.msgId, readCount: attemptNumber, attemptNumber });
      expect(await ownCapsule(rig.database, next, capsuleId)).toBe("owned");
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

  it("goes on to the next job when it buries one", async () => {
    const dying = await rig.send(payloadFor(await rig.addCapsule()));
    const healthy = await rig.send(payloadFor(await rig.addCapsule()));
    await rig.sql`update pgmq.q_video_jobs_queue set read_ct = 25 where msg_id = ${dying}::bigint`;
    expect((await rig.claim()).msgId).toBe(healthy);
    const [letter] = await rig.sql`select message ->> 'reason' as reason from pgmq.q_video_jobs_dlq`;
    expect(letter).toEqual({ reason: "deliveries" });
  });

  it("does not count deliveries to others as crashes", async () => {
    const msgId = await rig.send(payloadFor(await rig.addCapsule()));
    for (let turn = 0; turn < 5; turn++) {
      await rig.sql`select pgmq.read('video_jobs_queue'::text, 0::integer, 1::integer)`;
    }
    expect(await rig.claim()).toMatchObject({ msgId, readCount: 6, attemptNumber: 1 });
  });

  it("counts anew when the queue was made again and its ids begin from one", async () => {
    const { job } = await rig.startFilm();
    await rig.sql`select pgmq.drop_queue('video_jobs_queue'::text)`;
    await rig.sql`select pgmq.create('video_jobs_queue'::text)`;
    const capsuleId = await rig.addCapsule();
    expect(await rig.send(payloadFor(capsuleId))).toBe(job.msgId);
    const again = await rig.claim();
    expect(again).toMatchObject({ msgId: job.msgId, readCount: 1, attemptNumber: 1 });
    expect(await ownCapsule(rig.database, again, capsuleId)).toBe("owned");
    expect(await publishFilm(rig.database, again, filmOf(capsuleId))).toBe("published");
  });
});

describe("publish", () => {
  it("points the capsule at its film, remembers it, and archives the job", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const film = filmOf(capsuleId);
    expect(await findPublishedFilm(rig.database, capsuleId, never)).toBeNull();
    expect(await publishFilm(rig.database, job, film)).toBe("published");
    const [capsule] = await rig.sql`select status, final_video_url from public.capsules`;
    expect(capsule).toEqual({ status: "completed", final_video_url: film.url });
    expect(await findPublishedFilm(rig.database, capsuleId, never)).toEqual({
      fingerprint: film.fingerprint,
      url: film.url,
    });
    const [stored] = await listFilms(rig.database, {}, never);
    expect(stored).toMatchObject({
      state: "published",
      sizeBytes: film.sizeBytes,
      durationSeconds: film.durationSeconds,
      messageCount: 1,
      warnings: [{ message_id: "m", field: "content_image_url", code: "media-gone" }],
    });
    const [attempt] = await listAttempts(rig.database, capsuleId, never);
    expect(attempt).toMatchObject({
      outcome: "published",
      jobState: "archived",
      timings: { painting: 12.5 },
    });
    const [counts] = await rig.sql`
      select (select count(*)::int from pgmq.q_video_jobs_queue) as waiting,
        (select count(*)::int from pgmq.a_video_jobs_queue) as archived`;
    expect(counts).toEqual({ waiting: 0, archived: 1 });
  });

  it("answers the same when its reply was lost and it is called again", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await publishFilm(rig.database, job, filmOf(capsuleId));
    const before = await rig.snapshot();
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
    expect(await rig.snapshot()).toEqual(before);
  });

  it("publishes once when called many times at once", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => publishFilm(rig.database, job, filmOf(capsuleId))),
    );
    expect(answers).toEqual(answers.map(() => "published"));
    const [count] = await rig.sql`select count(*)::int as archived from pgmq.a_video_jobs_queue`;
    expect(count).toEqual({ archived: 1 });
  });

  it.each(["active", null])(
    "writes nothing when the capsule was reopened or deleted (%s)",
    async (status) => {
      const { capsuleId, job } = await rig.startFilm();
      if (status === null) await rig.sql`delete from public.capsules`;
      else await rig.sql`update public.capsules set status = ${status}`;
      const before = await rig.snapshot();
      expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("not-closed");
      expect(await rig.snapshot()).toEqual(before);
    },
  );

  it("finds no published film when the capsule points elsewhere", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await publishFilm(rig.database, job, filmOf(capsuleId));
    await rig.sql`update public.capsules set final_video_url = 'https://elsewhere.example/film.mp4'`;
    expect(await findPublishedFilm(rig.database, capsuleId, never)).toBeNull();
  });
});

describe("a stale fence writes nothing", () => {
  const transitions = {
    own: (queue, fence, capsuleId) => ownCapsule(queue.database, fence, capsuleId),
    beat: (queue, fence) =>
      beat(queue.database, fence, 120, { stage: "painting", done: 1, total: 2, unit: "frames" }),
    publish: (queue, fence, capsuleId) => publishFilm(queue.database, fence, filmOf(capsuleId)),
    ...Object.fromEntries(
      (["duplicate", "interrupted", "cancelled", "failed", "crashed", "rejected"] as const).map((outcome) => [
        outcome,
        async (queue: QueueRig, fence: { msgId: bigint; readCount: number }) =>
          (await settleAttempt(queue.database, fence, settlement(outcome))).jobState,
      ]),
    ),
  } satisfies Record<
    string,
    (queue: QueueRig, fence: { msgId: bigint; readCount: number }, capsuleId: string) => Promise<string>
  >;
  const states = {
    "the job was claimed again": async (queue, job) => {
      await queue.letTimePass(job.msgId);
      await queue.claim("thief");
    },
    "the job was read by somebody else": async (queue, job) => {
      await queue.letTimePass(job.msgId);
      await queue.sql`select pgmq.read('video_jobs_queue'::text, 60::integer, 1::integer)`;
    },
    "the job was published by the next attempt": async (queue, job, capsuleId) => {
      await queue.letTimePass(job.msgId);
      const next = await queue.claim("thief");
      await ownCapsule(queue.database, next, capsuleId);
      await publishFilm(queue.database, next, filmOf(capsuleId, "e".repeat(64)));
    },
    "the job was archived by hand": async (queue, job) => {
      await queue.sql`select pgmq.archive('video_jobs_queue'::text, ${job.msgId}::bigint)`;
    },
    "the capsule was taken over by another job": async (queue, job, capsuleId) => {
      await queue.send(payloadFor(capsuleId));
      const next = await queue.claim("thief");
      // Its lease is over, but nobody claimed it again: the job's own fence would still hold.
      await queue.letTimePass(job.msgId);
      await ownCapsule(queue.database, next, capsuleId);
    },
  } satisfies Record<string, (queue: QueueRig, job: { msgId: bigint }, capsuleId: string) => Promise<void>>;

  for (const [what, arrange] of Object.entries(states)) {
    for (const [name, call] of Object.entries(transitions)) {
      // A job that takes its capsule back after its lease was over owns it rightly, if the other one is gone.
      if (name === "own" && what === "the capsule was taken over by another job") continue;
      it(`${name}, after ${what}`, async () => {
        const { capsuleId, job } = await rig.startFilm();
        await arrange(rig, job, capsuleId);
        const before = await rig.snapshot();
        expect(await call(rig, job, capsuleId)).toBe("lost");
        expect(await rig.snapshot()).toEqual(before);
      });
    }
  }

  it("own, before the capsule was ever owned", async () => {
    const capsuleId = await rig.addCapsule();
    await rig.send(payloadFor(capsuleId));
    const job = await rig.claim();
    await rig.sql`select pgmq.archive('video_jobs_queue'::text, ${job.msgId}::bigint)`;
    const before = await rig.snapshot();
    expect(await ownCapsule(rig.database, job, capsuleId)).toBe("lost");
    expect(await rig.snapshot()).toEqual(before);
  });

  it("beat, after the attempt was settled: it would undo the backoff", async () => {
    const { job } = await rig.startFilm();
    await settleAttempt(rig.database, job, settlement("failed", "storage-unreachable"));
    const before = await rig.snapshot();
    expect(await beat(rig.database, job, 120, null)).toBe("lost");
    expect(await rig.snapshot()).toEqual(before);
  });
});

describe("beat", () => {
  it("renews the lease and stores how far the film is", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await rig.letTimePass(job.msgId);
    const progress = { stage: "painting", done: 120, total: 1800, unit: "frames" } as const;
    expect(await beat(rig.database, job, 120, progress)).toBe("held");
    expect(await beat(rig.database, job, 120, null)).toBe("held");
    const [row] =
      await rig.sql`select vt > clock_timestamp() + interval '1 minute' as renewed from pgmq.q_video_jobs_queue`;
    expect(row).toEqual({ renewed: true });
    expect(await listAttempts(rig.database, capsuleId, never)).toMatchObject([
      { stage: "painting", done: 120, total: 1800, outcome: null },
    ]);
  });
});

describe("settle", () => {
  it("lets a failure wait, longer each time, and buries the job after the fifth", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const ceilings = [120, 480, 1800, 1800];
    let current = job;
    for (const ceiling of ceilings) {
      const settled = await settleAttempt(rig.database, current, settlement("failed", "storage-unreachable"));
      expect(settled.jobState).toBe("waiting");
      const waitSeconds = (must(settled.visibleAt).getTime() - Date.now()) / 1000;
      expect(waitSeconds).toBeGreaterThan(28);
      expect(waitSeconds).toBeLessThanOrEqual(ceiling + 1);
      expect(await claimJob(rig.database, "worker-a", 120)).toBeNull();
      await rig.letTimePass(job.msgId);
      current = await rig.claim();
      await ownCapsule(rig.database, current, capsuleId);
    }
    expect(current).toMatchObject({ attemptNumber: 5, isLast: true });
    const settled = await settleAttempt(rig.database, current, settlement("failed", "storage-unreachable"));
    expect(settled.jobState).toBe("dead");
    const [letter] = await rig.sql`select message from pgmq.q_video_jobs_dlq`;
    expect(must(letter)["message"]).toMatchObject({ reason: "failures", error_code: "storage-unreachable" });
    expect(must(letter)["message"].attempts).toHaveLength(5);
    const [counts] = await rig.sql`select count(*)::int as waiting from pgmq.q_video_jobs_queue`;
    expect(counts).toEqual({ waiting: 0 });
  });

  it("spreads backoffs over the whole range up to half an hour", async () => {
    const rows = await rig.sql<{ failures: number; least: number; most: number }[]>`
      select failures, min(wait) as least, max(wait) as most
      from (
        select failures, keepsake.backoff_seconds(failures) as wait
        from generate_series(1, 6) as failures, generate_series(1, 400)
      ) as waits
      group by failures order by failures`;
    for (const { failures, least, most } of rows) {
      const ceiling = Math.min(1800, 30 * 4 ** failures);
      expect(least).toBeGreaterThanOrEqual(30);
      expect(least).toBeLessThan(30 + 0.1 * ceiling);
      expect(most).toBeLessThanOrEqual(ceiling);
      expect(most).toBeGreaterThan(0.9 * ceiling);
    }
  });

  it("makes an interrupted job visible at once and counts nothing", async () => {
    const { job } = await rig.startFilm();
    expect((await settleAttempt(rig.database, job, settlement("interrupted"))).jobState).toBe("waiting");
    expect(await rig.claim("worker-b")).toMatchObject({ msgId: job.msgId, readCount: 2, attemptNumber: 1 });
  });

  it("buries a rejected job at once, with its reason", async () => {
    const msgId = await rig.send({ capsule_id: "nobody" });
    const job = await rig.claim();
    expect((await settleAttempt(rig.database, job, settlement("rejected", "payload-invalid"))).jobState).toBe(
      "dead",
    );
    const [letter] = await rig.sql`select message from pgmq.q_video_jobs_dlq`;
    expect(must(letter)["message"]).toMatchObject({
      original: { capsule_id: "nobody" },
      capsule_id: null,
      reason: "rejected",
      error_code: "payload-invalid",
      source: { msg_id: Number(msgId) },
    });
  });

  it("answers the same when its reply was lost and it is called again", async () => {
    const { job } = await rig.startFilm();
    await settleAttempt(rig.database, job, settlement("failed", "storage-unreachable"));
    const before = await rig.snapshot();
    const again = await settleAttempt(rig.database, job, settlement("failed", "storage-unreachable"));
    expect(again.jobState).toBe("waiting");
    expect(await rig.snapshot()).toEqual(before);
  });

  it("completes a capsule that was closed again without a change", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const film = filmOf(capsuleId);
    await publishFilm(rig.database, job, film);
    await rig.sql`update public.capsules set status = 'closed'`;
    await rig.send(payloadFor(capsuleId));
    const again = await rig.claim();
    await ownCapsule(rig.database, again, capsuleId);
    const end = { ...settlement("duplicate"), fingerprint: film.fingerprint };
    expect((await settleAttempt(rig.database, again, end)).jobState).toBe("archived");
    const [capsule] = await rig.sql`select status, final_video_url from public.capsules`;
    expect(capsule).toEqual({ status: "completed", final_video_url: film.url });
  });

  it("looks again instead of archiving when a duplicate's capsule points elsewhere by now", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await publishFilm(rig.database, job, filmOf(capsuleId));
    await rig.send(payloadFor(capsuleId));
    const again = await rig.claim();
    await ownCapsule(rig.database, again, capsuleId);
    await rig.sql`update public.capsules set final_video_url = null, status = 'closed'`;
    const end = { ...settlement("duplicate"), fingerprint: filmOf(capsuleId).fingerprint };
    expect((await settleAttempt(rig.database, again, end)).jobState).toBe("waiting");
    expect(await rig.claim()).toMatchObject({ msgId: again.msgId, attemptNumber: 1 });
  });

  it("refuses an outcome that it does not know", async () => {
    const { job } = await rig.startFilm();
    const wrong = { ...settlement("failed"), outcome: "published" } as unknown as Settlement;
    await expect(settleAttempt(rig.database, job, wrong)).rejects.toMatchObject({ code: "database-error" });
  });
});

describe("two jobs of one capsule", () => {
  it("puts the second off while the first is worked on, without counting, and wakes it afterwards", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const second = await rig.send(payloadFor(capsuleId));
    const deferred = await rig.claim("worker-b");
    expect(deferred.msgId).toBe(second);
    expect(await ownCapsule(rig.database, deferred, capsuleId)).toBe("deferred");
    // The reply was lost: the same again.
    expect(await ownCapsule(rig.database, deferred, capsuleId)).toBe("deferred");
    expect(await claimJob(rig.database, "worker-b", 120)).toBeNull();
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
    expect(await rig.claim("worker-b")).toMatchObject({ msgId: second, readCount: 2, attemptNumber: 1 });
  });

  it("defers longer each time", async () => {
    const { capsuleId } = await rig.startFilm();
    const second = await rig.send(payloadFor(capsuleId));
    const waits: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      await rig.letTimePass(second);
      await ownCapsule(rig.database, await rig.claim("worker-b"), capsuleId);
      const [row] = await rig.sql<{ wait: number }[]>`
        select extract(epoch from vt - clock_timestamp())::float8 as wait from pgmq.q_video_jobs_queue
        where msg_id = ${second}::bigint`;
      waits.push(must(row).wait);
    }
    for (const [turn, wait] of waits.entries()) {
      expect(wait).toBeGreaterThan(29 * 2 ** turn);
      expect(wait).toBeLessThanOrEqual(60 * 2 ** turn);
    }
  });

  it("hands the capsule over when the first one's lease is over, and the first one notices", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await rig.send(payloadFor(capsuleId));
    const second = await rig.claim("worker-b");
    await rig.letTimePass(job.msgId);
    expect(await ownCapsule(rig.database, second, capsuleId)).toBe("owned");
    expect(await beat(rig.database, job, 120, null)).toBe("lost");
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("lost");
    expect(await publishFilm(rig.database, second, filmOf(capsuleId))).toBe("published");
  });

  it("does not take a job that waits after a failure for one that is worked on", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await settleAttempt(rig.database, job, settlement("failed", "storage-unreachable"));
    await rig.send(payloadFor(capsuleId));
    expect(await ownCapsule(rig.database, await rig.claim(), capsuleId)).toBe("owned");
  });
});
