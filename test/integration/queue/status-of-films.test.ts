import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { readStatus } from "../../../dist/operator/read-status.js";
import { filmOf, never, openQueueRig, type QueueRig } from "./queue-rig.js";
import { createGate, runConsumer } from "./run-consumer.js";

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
});
beforeEach(async () => {
  await rig.clear();
  await enqueueCapsule(rig.database, await rig.addCapsule(), never);
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

/** The interval is longer than any of these tests, so that no heartbeat is sent by the clock. */
const heartbeatSeconds = 3600;
const leaseSeconds = 3 * heartbeatSeconds;

it("the status shows each stage of a film soon after it began, and not only with the next heartbeat", async () => {
  const seen = async (stage: string): Promise<void> => {
    for (;;) {
      const { running } = await readStatus(rig.database, never);
      if (running[0]?.stage === stage) return;
      await rig.sql`select pg_sleep(0.02)`;
    }
  };
  await using consumer = runConsumer(
    rig.database,
    async ({ capsuleId, report }) => {
      for (const stage of ["fetching", "painting", "mixing"] as const) {
        // Further reports of a stage cause no more heartbeats.
        for (let done = 0; done < 500; done += 1) report({ stage, done, total: 500, unit: "frames" });
        await seen(stage);
      }
      return { outcome: "published", film: filmOf(capsuleId) };
    },
    { heartbeatSeconds, leaseSeconds },
  );
  expect(await consumer.ended()).toMatchObject({ outcome: "published" });
});

it("the status shows that a worker drains as soon as it is told to stop, and deletes its row when it has ended", async () => {
  const gate = createGate();
  await using consumer = runConsumer(
    rig.database,
    async ({ capsuleId }) => {
      await gate.opened;
      return { outcome: "published", film: filmOf(capsuleId) };
    },
    { heartbeatSeconds, leaseSeconds, drainSeconds: 600 },
  );
  await consumer.started();
  expect((await readStatus(rig.database, never)).workers).toMatchObject([{ notClaiming: null }]);
  consumer.stop();
  for (;;) {
    const { workers } = await readStatus(rig.database, never);
    if (workers[0]?.notClaiming?.includes("shutting down") === true) break;
    await rig.sql`select pg_sleep(0.02)`;
  }
  gate.open();
  expect((await consumer.summary).outcomes).toMatchObject({ published: 1 });
  expect((await readStatus(rig.database, never)).workers).toEqual([]);
});
