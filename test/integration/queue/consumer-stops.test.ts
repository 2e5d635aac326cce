import { describe, expect } from "vitest";

import { claimJob } from "../../../dist/queue/claim-job.js";
import { cancelCapsule, pauseQueue } from "../../../dist/operator/operate.js";
import { listAttempts } from "../../../dist/operator/list-attempts.js";
import { queueStatus } from "../../../dist/operator/queue-status.js";
import { Stop } from "../../../dist/async/stop.js";
import { never } from "./queue-rig.js";
import { publishAtOnce, queueTest } from "./queue-test.js";
import { createGate, runConsumer, workUntilStopped } from "./run-consumer.js";

describe("a consumer", () => {
  queueTest("lets a film finish within the drain time and claims nothing more", async ({ rig }) => {
    await rig.enqueue();
    await rig.enqueue();
    const gate = createGate();
    await using consumer = runConsumer(
      rig.database,
      async (attempt) => {
        await gate.opened;
        return await publishAtOnce(attempt);
      },
      { drainSeconds: 60 },
    );
    await consumer.started();
    consumer.stop();
    gate.open();
    const { outcomes, orphaned } = await consumer.summary;
    expect(outcomes).toMatchObject({ published: 1, interrupted: 0 });
    expect(orphaned).toBe(0);
    expect(await queueStatus(rig.database, never)).toMatchObject({ visibleCount: 1, inFlightCount: 0 });
  });

  queueTest(
    "hands a film back when the drain time is over: visible at once, not counted",
    async ({ rig }) => {
      await rig.enqueue();
      await using consumer = runConsumer(rig.database, workUntilStopped);
      const attempt = await consumer.started();
      consumer.stop();
      expect((await consumer.summary).outcomes).toMatchObject({ interrupted: 1 });
      expect((attempt.signal.reason as Stop).why).toBe("shutdown");
      expect(await claimJob(rig.database, "worker-b", 120)).toMatchObject({ readCount: 2, attemptNumber: 1 });
    },
  );

  queueTest(
    "goes on without a handler that does not stop, hands its job back and logs that",
    async ({ rig }) => {
      await rig.enqueue();
      const gate = createGate();
      await using consumer = runConsumer(
        rig.database,
        async (attempt) => {
          await gate.opened;
          return await publishAtOnce(attempt);
        },
        { abandonSeconds: 0.05 },
      );
      await consumer.started();
      consumer.stop();
      expect(await consumer.summary).toMatchObject({
        orphaned: 1,
        outcomes: { interrupted: 1, published: 0 },
      });
      gate.open();
      expect(await queueStatus(rig.database, never)).toMatchObject({ visibleCount: 1 });
    },
  );

  queueTest("stops when the job was claimed by another worker, and writes nothing", async ({ rig }) => {
    await rig.enqueue();
    await using consumer = runConsumer(rig.database, workUntilStopped);
    const attempt = await consumer.started();
    await pauseQueue(rig.database, null, never);
    // A heartbeat may come in between and renew the lease.
    const take = async () =>
      await rig.sql`select msg_id from pgmq.read('video_jobs_queue'::text, 60::integer, 1::integer)`;
    do await rig.letTimePass(attempt.msgId);
    while ((await take()).length === 0);
    expect(await consumer.ended()).toMatchObject({ outcome: "lost", jobState: "lost" });
    expect((attempt.signal.reason as Stop).why).toBe("lease-lost");
    expect(await listAttempts(rig.database, attempt.capsuleId, never)).toMatchObject([{ outcome: null }]);
  });

  queueTest("the fence throws after the job was lost, and the film is not published", async ({ rig }) => {
    const capsuleId = await rig.enqueue();
    const fences: unknown[] = [];
    await using consumer = runConsumer(
      rig.database,
      async (attempt) => {
        await rig.letTimePass(attempt.msgId);
        await rig.claim("thief");
        await attempt.fence().catch((error: unknown) => fences.push(error));
        return await publishAtOnce(attempt);
      },
      { heartbeatSeconds: 60 },
    );
    expect(await consumer.ended()).toMatchObject({ outcome: "lost" });
    expect(fences).toEqual([expect.any(Stop)]);
    const [capsule] =
      await rig.sql`select final_video_url from public.capsules where id = ${capsuleId}::uuid`;
    expect(capsule).toEqual({ final_video_url: null });
  });

  queueTest("stops a film that an operator cancelled and archives its job", async ({ rig }) => {
    const capsuleId = await rig.enqueue();
    await using consumer = runConsumer(rig.database, workUntilStopped);
    const attempt = await consumer.started();
    await cancelCapsule(rig.database, capsuleId, never);
    expect(await consumer.ended()).toMatchObject({ outcome: "cancelled", jobState: "archived" });
    expect((attempt.signal.reason as Stop).why).toBe("cancelled");
  });

  queueTest("does not publish a film that was cancelled while it was finished", async ({ rig }) => {
    const capsuleId = await rig.enqueue();
    await using consumer = runConsumer(
      rig.database,
      async (attempt) => {
        await cancelCapsule(rig.database, capsuleId, never);
        return await publishAtOnce(attempt);
      },
      { heartbeatSeconds: 60 },
    );
    expect(await consumer.ended()).toMatchObject({ outcome: "cancelled", jobState: "archived" });
    const [capsule] = await rig.sql`select status, final_video_url from public.capsules`;
    expect(capsule).toEqual({ status: "closed", final_video_url: null });
  });

  queueTest.for<[string, { attemptSeconds?: number; stallSeconds?: number }]>([
    ["takes too long in all", { attemptSeconds: 0.05 }],
    ["reports no progress for too long", { stallSeconds: 0.05 }],
  ])("stops a film that %s, and lets it be tried again", async ([_what, limits], { rig }) => {
    await rig.enqueue();
    await using consumer = runConsumer(rig.database, workUntilStopped, limits);
    expect(await consumer.ended()).toMatchObject({
      outcome: "failed",
      jobState: "waiting",
      code: "attempt-timed-out",
    });
  });
});
