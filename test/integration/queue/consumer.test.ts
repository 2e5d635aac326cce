import { randomUUID } from "node:crypto";
import { describe, expect } from "vitest";

import { loadCapsule } from "../../../dist/capsule/load.js";
import { KeepsakeError, type ErrorCode } from "../../../dist/errors.js";
import type { AttemptHandler } from "../../../dist/queue/attempt.js";
import { pauseQueue } from "../../../dist/operator/operate.js";
import { listAttempts } from "../../../dist/operator/list-attempts.js";
import { queueStatus } from "../../../dist/operator/queue-status.js";
import { filmOf, never, payloadFor } from "./queue-rig.js";
import { publishAtOnce, queueTest } from "./queue-test.js";
import { createGate, runConsumer } from "./run-consumer.js";

function throwing(code: ErrorCode): AttemptHandler {
  return () => Promise.reject(new KeepsakeError(code, "It broke."));
}

describe("every attempt ends in exactly one outcome", () => {
  queueTest.for<[string, AttemptHandler, object]>([
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
  ])("%s", async ([_what, handler, expected], { rig }) => {
    const capsuleId = await rig.enqueue();
    await using consumer = runConsumer(rig.database, handler);
    expect(await consumer.ended()).toMatchObject({ capsuleId, readCount: 1, orphaned: false, ...expected });
    const [attempt] = await listAttempts(rig.database, capsuleId, never);
    expect(attempt?.endedAt).toBeInstanceOf(Date);
  });

  queueTest.for<[string, unknown, string]>([
    ["a payload without a capsule", { job_type: "generate_video" }, "payload-invalid"],
    ["a payload that is no object", [1, 2], "payload-invalid"],
    ["a capsule that is not there", payloadFor(randomUUID()), "capsule-not-found"],
  ])("rejects %s", async ([_what, payload, code], { rig }) => {
    await rig.send(payload);
    await using consumer = runConsumer(rig.database, async ({ capsuleId, signal }) => {
      await loadCapsule(rig.database, capsuleId, signal);
      throw new Error("it was there");
    });
    expect(await consumer.ended()).toMatchObject({ outcome: "rejected", jobState: "dead", code });
  });

  queueTest("rejects a capsule that is reopened while its film is made", async ({ rig }) => {
    const capsuleId = await rig.enqueue();
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
  queueTest("a handler receives the number of its attempt and whether it is the last", async ({ rig }) => {
    const capsuleId = await rig.enqueue();
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

  queueTest(
    "a handler's progress is stored with the next heartbeat, and it can call the fence",
    async ({ rig }) => {
      const capsuleId = await rig.enqueue();
      await using consumer = runConsumer(rig.database, async (attempt) => {
        attempt.report({ stage: "painting", done: 10, total: 300, unit: "frames" });
        await attempt.fence();
        const [open] = await listAttempts(rig.database, capsuleId, never);
        expect(open).toMatchObject({ stage: "painting", done: 10, total: 300, outcome: null });
        return await publishAtOnce(attempt);
      });
      expect(await consumer.ended()).toMatchObject({ outcome: "published" });
    },
  );

  queueTest("a handler finds the film that was published before", async ({ rig }) => {
    const capsuleId = await rig.enqueue();
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
  queueTest(
    "runs as many films at once as there are slots, and returns when the queue is empty",
    async ({ rig }) => {
      for (let count = 0; count < 5; count++) await rig.enqueue();
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
    },
  );

  queueTest("renders a capsule once when two of its jobs are claimed at once", async ({ rig }) => {
    const capsuleId = await rig.enqueue();
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

  queueTest("claims nothing from a paused queue", async ({ rig }) => {
    await rig.enqueue();
    await pauseQueue(rig.database, null, never);
    await using consumer = runConsumer(rig.database, publishAtOnce, { stopWhenEmpty: true });
    await consumer.summary;
    expect(consumer.reports).toEqual([]);
  });
});
