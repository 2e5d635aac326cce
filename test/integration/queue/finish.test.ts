import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import { claimJob } from "../../../dist/queue/claim-job.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { findPublishedFilm, publishFilm } from "../../../dist/queue/publish-film.js";
import { finished, type AttemptResult, type Outcome } from "../../../dist/queue/attempt.js";
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

function resultOf(outcome: Outcome, code: string | null = null): AttemptResult {
  return finished(outcome, { code, message: code });
}

function secondsBetween(milliseconds: number, time: Date | null): number {
  return (must(time).getTime() - milliseconds) / 1000;
}

describe("finish", () => {
  it("a failed job waits, longer each time, and is a dead letter after the fifth failure", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const ceilings = [120, 480, 1800, 1800];
    let current = job;
    for (const ceiling of ceilings) {
      const askedAt = Date.now();
      const settled = await finishAttempt(rig.database, current, resultOf("failed", "storage-unreachable"));
      expect(settled.jobState).toBe("waiting");
      expect(secondsBetween(askedAt, settled.visibleAt)).toBeGreaterThan(28);
      const waitSeconds = secondsBetween(Date.now(), settled.visibleAt);
      expect(waitSeconds).toBeLessThanOrEqual(ceiling + 1);
      expect(await claimJob(rig.database, "worker-a", 120)).toBeNull();
      await rig.letTimePass(job.msgId);
      current = await rig.claim();
      await acquireCapsule(rig.database, current, capsuleId);
    }
    expect(current).toMatchObject({ attemptNumber: 5, isLast: true });
    const settled = await finishAttempt(rig.database, current, resultOf("failed", "storage-unreachable"));
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
    expect((await finishAttempt(rig.database, job, resultOf("interrupted"))).jobState).toBe("waiting");
    expect(await rig.claim("worker-b")).toMatchObject({ msgId: job.msgId, readCount: 2, attemptNumber: 1 });
  });

  it("a job that ended as setup waits for its operator, longer each time, and counts nothing", async () => {
    const { capsuleId, job } = await rig.startFilm();
    let current = job;
    for (let turn = 0; turn < 30; turn += 1) {
      const longest = Math.min(1800, 60 * 2 ** turn);
      const askedAt = Date.now();
      const settled = await finishAttempt(rig.database, current, resultOf("setup", "storage-key-refused"));
      expect(settled).toMatchObject({ jobState: "waiting", outcome: "setup" });
      expect(secondsBetween(askedAt, settled.visibleAt)).toBeGreaterThan(longest / 2 - 2);
      expect(secondsBetween(Date.now(), settled.visibleAt)).toBeLessThanOrEqual(longest + 1);
      await rig.letTimePass(job.msgId);
      current = await rig.claim();
      expect(await acquireCapsule(rig.database, current, capsuleId)).toBe("acquired");
    }
    expect(current).toMatchObject({ readCount: 31, attemptNumber: 1, isLast: false });
    expect(await publishFilm(rig.database, current, filmOf(capsuleId))).toBe("published");
  });

  it("counts deliveries without those that met a fault of the setup", async () => {
    const { job } = await rig.startFilm();
    await finishAttempt(rig.database, job, resultOf("setup"));
    for (let turn = 0; turn < 24; turn += 1) {
      await rig.letTimePass(job.msgId);
      expect((await finishAttempt(rig.database, await rig.claim(), resultOf("interrupted"))).jobState).toBe(
        "waiting",
      );
    }
    const last = await rig.claim();
    expect(last).toMatchObject({ readCount: 26, isLast: true });
    expect((await finishAttempt(rig.database, last, resultOf("failed"))).jobState).toBe("dead");
  });

  it("a rejected job becomes a dead letter at once, with its reason", async () => {
    const msgId = await rig.send({ capsule_id: "nobody" });
    const job = await rig.claim();
    expect((await finishAttempt(rig.database, job, resultOf("rejected", "payload-invalid"))).jobState).toBe(
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

  it("returns the same when its reply was lost and it is called again", async () => {
    const { job } = await rig.startFilm();
    await finishAttempt(rig.database, job, resultOf("failed", "storage-unreachable"));
    const before = await rig.snapshot();
    const again = await finishAttempt(rig.database, job, resultOf("failed", "storage-unreachable"));
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
    await acquireCapsule(rig.database, again, capsuleId);
    const { fingerprint, contentDigest } = film;
    const end = { ...resultOf("duplicate"), fingerprint, contentDigest };
    expect((await finishAttempt(rig.database, again, end)).jobState).toBe("archived");
    const [capsule] = await rig.sql`select status, final_video_url from public.capsules`;
    expect(capsule).toEqual({ status: "completed", final_video_url: film.url });
  });

  it("stores the source state that a duplicate was compared by", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const film = filmOf(capsuleId);
    await publishFilm(rig.database, job, { ...film, sourceState: "first" });
    for (const [sourceState, kept] of [
      [null, "first"],
      ["second", "second"],
    ] as const) {
      await rig.send(payloadFor(capsuleId));
      const again = await rig.claim();
      await acquireCapsule(rig.database, again, capsuleId);
      const { fingerprint, contentDigest } = film;
      const end = { ...resultOf("duplicate"), fingerprint, contentDigest, sourceState };
      expect((await finishAttempt(rig.database, again, end)).jobState).toBe("archived");
      expect(await findPublishedFilm(rig.database, capsuleId, never)).toMatchObject({ sourceState: kept });
    }
    await rig.send(payloadFor(capsuleId));
    const failing = await rig.claim();
    await acquireCapsule(rig.database, failing, capsuleId);
    await finishAttempt(rig.database, failing, { ...resultOf("failed"), sourceState: "third" });
    expect(await findPublishedFilm(rig.database, capsuleId, never)).toMatchObject({ sourceState: "second" });
  });

  it("hands a duplicate back when its capsule points elsewhere", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await publishFilm(rig.database, job, filmOf(capsuleId));
    await rig.send(payloadFor(capsuleId));
    const again = await rig.claim();
    await acquireCapsule(rig.database, again, capsuleId);
    await rig.sql`update public.capsules set final_video_url = null, status = 'closed'`;
    const { fingerprint, contentDigest } = filmOf(capsuleId);
    const end = { ...resultOf("duplicate"), fingerprint, contentDigest };
    expect((await finishAttempt(rig.database, again, end)).jobState).toBe("waiting");
    expect(await rig.claim()).toMatchObject({ msgId: again.msgId, attemptNumber: 1 });
  });

  it("rejects an unknown outcome", async () => {
    const { job } = await rig.startFilm();
    const wrong = resultOf("published");
    await expect(finishAttempt(rig.database, job, wrong)).rejects.toMatchObject({ code: "database-error" });
  });
});

describe("two jobs of one capsule", () => {
  it("defers the second job of a capsule while the first is worked on, without counting, and wakes it afterwards", async () => {
    const { capsuleId, job } = await rig.startFilm();
    const second = await rig.send(payloadFor(capsuleId));
    const deferred = await rig.claim("worker-b");
    expect(deferred.msgId).toBe(second);
    expect(await acquireCapsule(rig.database, deferred, capsuleId)).toBe("deferred");
    // The reply was lost: the same again.
    expect(await acquireCapsule(rig.database, deferred, capsuleId)).toBe("deferred");
    expect(await claimJob(rig.database, "worker-b", 120)).toBeNull();
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("published");
    expect(await rig.claim("worker-b")).toMatchObject({ msgId: second, readCount: 2, attemptNumber: 1 });
  });

  it("defers the second job of a capsule for longer each time", async () => {
    const { capsuleId } = await rig.startFilm();
    const second = await rig.send(payloadFor(capsuleId));
    const waits: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      await rig.letTimePass(second);
      await acquireCapsule(rig.database, await rig.claim("worker-b"), capsuleId);
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

  it("gives the capsule to the second job when the lease of the first is over, and the first attempt is lost", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await rig.send(payloadFor(capsuleId));
    const second = await rig.claim("worker-b");
    await rig.letTimePass(job.msgId);
    expect(await acquireCapsule(rig.database, second, capsuleId)).toBe("acquired");
    expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("lost");
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("lost");
    expect(await publishFilm(rig.database, second, filmOf(capsuleId))).toBe("published");
  });

  it("does not defer a job for another one that waits after a failure", async () => {
    const { capsuleId, job } = await rig.startFilm();
    await finishAttempt(rig.database, job, resultOf("failed", "storage-unreachable"));
    await rig.send(payloadFor(capsuleId));
    expect(await acquireCapsule(rig.database, await rig.claim(), capsuleId)).toBe("acquired");
  });
});
