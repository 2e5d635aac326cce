import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { finished, type AttemptResult, type Outcome } from "../../../dist/queue/attempt.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import { filmOf, openQueueRig, payloadFor, type QueueRig } from "./queue-rig.js";

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

describe("a stale fence writes nothing", () => {
  const transitions = {
    acquire: (queue, fence, capsuleId) => acquireCapsule(queue.database, fence, capsuleId),
    heartbeat: (queue, fence) =>
      sendHeartbeat(queue.database, fence, 120, { stage: "painting", done: 1, total: 2, unit: "frames" }),
    publish: (queue, fence, capsuleId) => publishFilm(queue.database, fence, filmOf(capsuleId)),
    ...Object.fromEntries(
      (["duplicate", "interrupted", "setup", "cancelled", "failed", "crashed", "rejected"] as const).map(
        (outcome) => [
          outcome,
          async (queue: QueueRig, fence: { msgId: bigint; readCount: number }) =>
            (await finishAttempt(queue.database, fence, resultOf(outcome))).jobState,
        ],
      ),
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
      await acquireCapsule(queue.database, next, capsuleId);
      await publishFilm(queue.database, next, filmOf(capsuleId, "e".repeat(64)));
    },
    "the job was archived by hand": async (queue, job) => {
      await queue.sql`select pgmq.archive('video_jobs_queue'::text, ${job.msgId}::bigint)`;
    },
    "the capsule was taken over by another job": async (queue, job, capsuleId) => {
      await queue.send(payloadFor(capsuleId));
      const next = await queue.claim("thief");
      // Its lease is over, but no worker claimed it again, so its fence is still valid.
      await queue.letTimePass(job.msgId);
      await acquireCapsule(queue.database, next, capsuleId);
    },
  } satisfies Record<string, (queue: QueueRig, job: { msgId: bigint }, capsuleId: string) => Promise<void>>;

  for (const [what, arrange] of Object.entries(states)) {
    for (const [name, call] of Object.entries(transitions)) {
      // A job that takes its capsule back after its lease was over owns it rightly, if the other one is gone.
      if (name === "acquire" && what === "the capsule was taken over by another job") continue;
      it(`${name}, after ${what}`, async () => {
        const { capsuleId, job } = await rig.startFilm();
        await arrange(rig, job, capsuleId);
        const before = await rig.snapshot();
        expect(await call(rig, job, capsuleId)).toBe("lost");
        expect(await rig.snapshot()).toEqual(before);
      });
    }
  }

  it("acquire returns lost for an archived job whose capsule was never acquired", async () => {
    const capsuleId = await rig.addCapsule();
    await rig.send(payloadFor(capsuleId));
    const job = await rig.claim();
    await rig.sql`select pgmq.archive('video_jobs_queue'::text, ${job.msgId}::bigint)`;
    const before = await rig.snapshot();
    expect(await acquireCapsule(rig.database, job, capsuleId)).toBe("lost");
    expect(await rig.snapshot()).toEqual(before);
  });

  it("heartbeat returns lost after the attempt was finished, because it would undo the backoff", async () => {
    const { job } = await rig.startFilm();
    await finishAttempt(rig.database, job, resultOf("failed", "storage-unreachable"));
    const before = await rig.snapshot();
    expect(await sendHeartbeat(rig.database, job, 120, null)).toBe("lost");
    expect(await rig.snapshot()).toEqual(before);
  });
});
