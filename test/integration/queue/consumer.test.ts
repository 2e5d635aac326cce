import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { loadCapsule } from "../../../dist/capsule/load.js";
import { KeepsakeError, type ErrorCode } from "../../../dist/errors.js";
import type { AttemptHandler } from "../../../dist/queue/attempt.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { pauseQueue } from "../../../dist/operator/operate.js";
import { listAttempts } from "../../../dist/operator/list-attempts.js";
import { queueStatus } from "../../../dist/operator/queue-status.js";
import { filmOf, never, openQueueRig, payloadFor, type QueueRig } from "./queue-rig.js";
import { createGate, runConsumer } from "./run-consumer.js";

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

const publishAtOnce: AttemptHandler = async ({ capsuleId }) => ({
  outcome: "published",
  film: filmOf(capsuleId),
});

/** A closed capsule that waits in the queue. */
async function enqueue(): Promise<string> {
  const capsuleId = await rig.addCapsule();
  await enqueueCapsule(rig.database, capsuleId, never);
  return capsuleId;
}

function throwing(code: ErrorCode): AttemptHandler {
  return () => Promise.reject(new KeepsakeError(code, "It broke."));
}

describe("every attempt ends in exactly one outcome", () => {
  it.each<[string, AttemptHandler, object]>([
    ["a film", publishAtOnce, { outcome: "published", jobState: "archived", code: null }],
    [
      "the job's fault",
      throwing("nothing-to-film"),
      { outcome: "rejected", jobState: "dead", code: "nothing-to-film" },
    ],
    ["the world's fault", throwing("database-unreachable"), { outcome: "failed", jobState: "waiting" }],
    ["the operator's fault", throwing("database-refused"), { outcome: "setup", jobState: "waiting" }],
    [
      "our fault",
      throwing("child-crashed"),
      { outcome: "crashed", jobState: "waiting", code: "child-crashed" },
    ],
    [
      "a bug",
      () => {
        throw new TypeError("x is not a function");
      },
      { outcome: "crashed", jobState: "waiting", code: "internal" },
    ],
    [
      "a duplicate of nothing",
      async () => ({ outcome: "duplicate", fingerprint: "f", contentDigest: null }),
      { outcome: "interrupted", jobState: "waiting", code: "capsule-changed" },
    ],
  ])("%s", async (_what, handler, expected) => {
    const capsuleId = await enqueue();
    await using consumer = runConsumer(rig.database, handler);
    expect(await consumer.ended()).toMatchObject({ capsuleId, readCount: 1, orphaned: false, ...expected });
    const [attempt] = await listAttempts(rig.database, capsuleId, never);
    expect(attempt?.endedAt).toBeInstanceOf(Date);
  });

  it.each([
    ["a payload without a capsule", { job_type: "generate_video" }, "payload-invalid"],
    ["a payload that is no object", [1, 2], "payload-invalid"],
    ["a capsule that is not there", payloadFor(randomUUID()), "capsule-not-found"],
  ])("rejects %s", async (_what, payload, code) => {
    await rig.send(payload);
    await using consumer = runConsumer(rig.database, async ({ capsuleId, signal }) => {
      await loadCapsule(rig.database, capsuleId, signal);
      throw new Error("it was there");
    });
    expect(await consumer.ended()).toMatchObject({ outcome: "rejected", jobState: "dead", code });
  });

  it("rejects a capsule that is reopened while its film is made", async () => {
    const capsuleId = await enqueue();
    await using consumer = runConsumer(rig.database, async (attempt) => {
      await rig.sql`update public.capsules set status = 'active' where id = ${capsuleId}::uuid`;
      return await publishAtOnce(attempt);
    });
    expect(await consumer.ended()).toMatchObject({ outcome: "rejected", code: "capsule-not-closed" });
    const [capsule] = await rig.sql`select status, final_video_url from public.capsules`;
    expect(capsule).toEqual({ status: "active", final_video_url: null });
  });
});

describe("what a handler is given", () => {
  it("counts attempts and says which is the last", async () => {
    const capsuleId = await enqueue();
    const seen: [number, boolean][] = [];
    await using consumer = runConsumer(rig.database, async ({ attemptNumber, isLast }) => {
      seen.push([attemptNumber, isLast]);
      throw new KeepsakeError("database-unreachable", "It broke.");
    });
    for (let turn = 1; turn <= 5; turn++) {
      const report = await consumer.ended();
      expect(report.jobState).toBe(turn < 5 ? "waiting" : "dead");
      await rig.letTimePass(report.msgId);
    }
    expect(seen).toEqual([1, 2, 3, 4, 5].map((number) => [number, number === 5]));
    expect(await listAttempts(rig.database, capsuleId, never)).toHaveLength(5);
  });

  it("stores progress with the next heartbeat, and fences", async () => {
    const capsuleId = await enqueue();
    await using consumer = runConsumer(rig.database, async (attempt) => {
      attempt.report({ stage: "painting", done: 10, total: 300, unit: "frames" });
      await attempt.fence();
      const [open] = await listAttempts(rig.database, capsuleId, never);
      expect(open).toMatchObject({ stage: "painting", done: 10, total: 300, outcome: null });
      return await publishAtOnce(attempt);
    });
    expect(await consumer.ended()).toMatchObject({ outcome: "published" });
  });

  it("finds the film that was published before", async () => {
    const capsuleId = await enqueue();
    const found: unknown[] = [];
    await using consumer = runConsumer(rig.database, async (attempt) => {
      const before = await attempt.findPublished();
      found.push(before);
      return before === null
        ? await publishAtOnce(attempt)
        : {
            outcome: "duplicate",
            fingerprint: before.fingerprint,
            contentDigest: filmOf(capsuleId).contentDigest,
          };
    });
    await consumer.ended();
    await rig.send(payloadFor(capsuleId));
    expect(await consumer.ended()).toMatchObject({ outcome: "duplicate", jobState: "archived" });
    const { fingerprint, url, sizeBytes, durationSeconds } = filmOf(capsuleId);
    expect(found).toEqual([null, { fingerprint, url, sizeBytes, durationSeconds, sourceState: null }]);
  });
});

describe("slots", () => {
  it("runs as many films at once as there are slots, and returns when the queue is empty", async () => {
    for (let count = 0; count < 5; count++) await enqueue();
    const gate = createGate();
    let running = 0;
    let most = 0;
    await using consumer = runConsumer(
      rig.database,
      async (attempt) => {
        most = Math.max(most, ++running);
        await gate.opened;
        running--;
        return await publishAtOnce(attempt);
      },
      { slots: 2, stopWhenEmpty: true },
    );
    await consumer.started();
    await consumer.started();
    expect(await queueStatus(rig.database, never)).toMatchObject({ inFlightCount: 2, visibleCount: 3 });
    gate.open();
    expect((await consumer.summary).outcomes).toMatchObject({ published: 5 });
    expect(most).toBe(2);
  });

  it("renders a capsule once when two of its jobs are taken at once", async () => {
    const capsuleId = await enqueue();
    await rig.send(payloadFor(capsuleId));
    const gate = createGate();
    await using consumer = runConsumer(
      rig.database,
      async (attempt) => {
        const before = await attempt.findPublished();
        const { contentDigest } = filmOf(capsuleId);
        if (before !== null) return { outcome: "duplicate", fingerprint: before.fingerprint, contentDigest };
        await gate.opened;
        return await publishAtOnce(attempt);
      },
      { slots: 2 },
    );
    expect(await consumer.ended()).toMatchObject({ outcome: "deferred", jobState: "waiting" });
    gate.open();
    expect(await consumer.ended()).toMatchObject({ outcome: "published" });
    expect(await consumer.ended()).toMatchObject({ outcome: "duplicate", jobState: "archived" });
  });

  it("claims nothing from a paused queue", async () => {
    await enqueue();
    await pauseQueue(rig.database, null, never);
    await using consumer = runConsumer(rig.database, publishAtOnce, { stopWhenEmpty: true });
    await consumer.summary;
    expect(consumer.reports).toEqual([]);
  });
});
