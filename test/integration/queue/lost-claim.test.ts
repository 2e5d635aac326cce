import { expect } from "vitest";

import type { Database } from "../../../dist/database/database.js";
import { KeepsakeError } from "../../../dist/errors.js";
import { listAttempts } from "../../../dist/operator/list-attempts.js";
import { never, type QueueRig } from "./queue-rig.js";
import { publishAtOnce, queueTest } from "./queue-test.js";
import { createGate, runConsumer, workUntilStopped } from "./run-consumer.js";

/** The real database, of whose claims that gave a job so many replies are lost, each after it was done. */
function losingClaims(
  { database }: QueueRig,
  times: number,
  onLost: () => Promise<void> = async () => undefined,
): Database {
  let left = times;
  return {
    ...database,
    control: {
      call: async <Result>(...[name, values, limits]: Parameters<Database["control"]["call"]>) => {
        const answer = await database.control.call<Result>(name, values, limits);
        if (name !== "claim" || left === 0 || (answer as unknown[]).length === 0) return answer;
        left -= 1;
        await onLost();
        throw new KeepsakeError("database-unreachable", "The reply was lost.");
      },
    },
  };
}

queueTest(
  "repeats a claim until it is answered, and works on the one delivery that it made",
  async ({ rig }) => {
    const capsuleId = await rig.enqueue();
    await using consumer = runConsumer(losingClaims(rig, 3), publishAtOnce);
    expect(await consumer.ended()).toMatchObject({ capsuleId, outcome: "published", readCount: 1 });
    expect(await listAttempts(rig.database, capsuleId, never)).toHaveLength(1);
  },
);

queueTest("leaves a job alone that another worker claimed, and claims the next one", async ({ rig }) => {
  const first = await rig.enqueue();
  const second = await rig.enqueue();
  await using consumer = runConsumer(
    losingClaims(rig, 1, async () => {
      const [job] = await rig.sql<{ msg_id: bigint }[]>`
        select msg_id from pgmq.q_video_jobs_queue order by msg_id limit 1`;
      if (job === undefined) throw new Error("there is no job");
      await rig.letTimePass(job.msg_id);
      expect(await rig.claim("thief")).toMatchObject({ msgId: job.msg_id, readCount: 2 });
    }),
    publishAtOnce,
  );
  expect(await consumer.ended()).toMatchObject({ capsuleId: second, outcome: "published", readCount: 1 });
  expect(await rig.sql`select outcome from keepsake.attempts where worker = 'thief'`).toEqual([
    { outcome: null },
  ]);
  expect(await listAttempts(rig.database, first, never)).toEqual([]);
});

queueTest("does not take the end of a lost claim for an empty queue", async ({ rig }) => {
  await rig.enqueue();
  await rig.enqueue();
  await using consumer = runConsumer(
    losingClaims(rig, 1, async () => {
      await rig.sql`select pgmq.archive('video_jobs_queue'::text, min(msg_id)) from pgmq.q_video_jobs_queue`;
    }),
    publishAtOnce,
    { stopWhenEmpty: true },
  );
  expect((await consumer.summary).outcomes).toMatchObject({ published: 1 });
});

queueTest(
  "hands the job of a lost claim back when the worker is told to stop before it claims again",
  async ({ rig }) => {
    const capsuleId = await rig.enqueue();
    const gate = createGate();
    await using consumer = runConsumer(
      losingClaims(rig, 1, async () => gate.open()),
      workUntilStopped,
      { busyPollSeconds: 60, idlePollSeconds: 60 },
    );
    await gate.opened;
    consumer.stop();
    expect((await consumer.summary).outcomes).toMatchObject({ interrupted: 1 });
    expect(await rig.claim("worker-b")).toMatchObject({ readCount: 2, attemptNumber: 1 });
    expect(await listAttempts(rig.database, capsuleId, never)).toEqual([]);
  },
);

queueTest(
  "hands back the job of a claim that was under way when the worker was told to stop",
  async ({ rig }) => {
    await rig.enqueue();
    const asked = createGate();
    const stopped = createGate();
    let attempts = 0;
    const slow: Database = {
      ...rig.database,
      control: {
        call: async <Result>(...[name, values, limits]: Parameters<Database["control"]["call"]>) => {
          const answer = await rig.database.control.call<Result>(name, values, limits);
          if (name === "claim") {
            asked.open();
            await stopped.opened;
          }
          return answer;
        },
      },
    };
    await using consumer = runConsumer(slow, async (attempt) => {
      attempts += 1;
      return await publishAtOnce(attempt);
    });
    await asked.opened;
    consumer.stop();
    stopped.open();
    expect((await consumer.summary).outcomes).toMatchObject({ interrupted: 1, published: 0 });
    expect(attempts).toBe(0);
    expect(await rig.claim("worker-b")).toMatchObject({ readCount: 2, attemptNumber: 1 });
  },
);
