import type { IncomingMessage } from "node:http";

import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { KeepsakeError } from "../../../dist/errors.js";
import type { AttemptHandler } from "../../../dist/queue/attempt.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import type { FilmStore } from "../../../dist/storage/film-store.js";
import { openStorageRig, type StorageRig } from "../storage/storage-rig.js";
import { filmOf, never, openQueueRig, type QueueRig } from "./queue-rig.js";
import { createGate, runConsumer } from "./run-consumer.js";

let queue: QueueRig;
let storage: StorageRig;
/** Returns true for requests that get the reply of a Storage that is down. */
let isDown = (_request: IncomingMessage): boolean => false;

beforeAll(async () => {
  queue = await openQueueRig();
  storage = await openStorageRig({
    intercept(request, response) {
      if (!isDown(request)) return false;
      request.resume().on("end", () => response.writeHead(503).end("down"));
      return true;
    },
  });
});
beforeEach(async () => {
  isDown = () => false;
  await queue.clear();
});
afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  await queue[Symbol.asyncDispose]();
});

const quick = { firstProbeSeconds: 0.02, maxProbeSeconds: 0.1 };
const openStore = (): FilmStore => storage.open({ retrySeconds: 0.05 });

function uploadTo(store: FilmStore): AttemptHandler {
  return async ({ capsuleId, signal, fence }) => {
    await store.put(storage.upload("small", { path: `${capsuleId}.mp4`, signal, fence }));
    return { outcome: "published", film: filmOf(capsuleId) };
  };
}

async function enqueue(): Promise<string> {
  const capsuleId = await queue.addCapsule();
  await enqueueCapsule(queue.database, capsuleId, never);
  return capsuleId;
}

async function countOutcomes(): Promise<Record<string, number>> {
  const rows = await queue.sql<{ outcome: string; count: number }[]>`
    select coalesce(outcome, 'open') as outcome, count(*)::integer as count from keepsake.attempts group by 1`;
  return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count]));
}

/** Waits until the storage was asked so many times more for its bucket, which is what a probe does. */
async function untilProbed(times: number): Promise<void> {
  const probes = () => storage.server.requests.filter(({ path }) => path.includes("/bucket/")).length;
  const enough = probes() + times;
  while (probes() < enough) await queue.sql`select pg_sleep(0.02)`;
}

it.each<[string, typeof isDown]>([
  ["that answers nothing", () => true],
  ["that takes nothing, though it can be read", ({ method }) => method === "POST"],
])("ten jobs lose no attempt against a storage %s, and all are published afterwards", async (_what, down) => {
  for (let count = 0; count < 10; count++) await enqueue();
  isDown = down;
  const store = openStore();
  const consumers = ["a", "b", "c", "d"].map((name) =>
    runConsumer(queue.database, uploadTo(store), {
      ...quick,
      workerName: `worker-${name}`,
      slots: 2,
      probe: async (signal) => await store.probe(signal),
    }),
  );
  try {
    await untilProbed(100);
    // On a busy machine a worker may still be at its first attempt.
    await expect.poll(countOutcomes).not.toHaveProperty("open");
    const during = await countOutcomes();
    expect(Object.keys(during)).toEqual(["interrupted"]);
    // Each slot of each worker found out once.
    expect(during["interrupted"]).toBeLessThanOrEqual(8);
    const pausing = async () =>
      await queue.sql`
        select from keepsake.workers where not_claiming like '%503%' and not_claiming_since is not null`;
    await expect.poll(pausing).toHaveLength(4);
    isDown = () => false;
    while ((await countOutcomes())["published"] !== 10) await queue.sql`select pg_sleep(0.02)`;
    expect(await queue.sql`select count(*)::integer as left from pgmq.q_video_jobs_queue`).toEqual([
      { left: 0 },
    ]);
    expect(await queue.sql`select count(*)::integer as dead from pgmq.q_video_jobs_dlq`).toEqual([
      { dead: 0 },
    ]);
  } finally {
    for (const consumer of consumers) await consumer[Symbol.asyncDispose]();
  }
});

it("counts a failure of one film while storage answers", async () => {
  await enqueue();
  isDown = ({ method, url }) => method === "POST" && url?.includes("probe") !== true;
  const store = openStore();
  await using consumer = runConsumer(queue.database, uploadTo(store), {
    ...quick,
    probe: async (signal) => await store.probe(signal),
  });
  expect(await consumer.ended()).toMatchObject({ outcome: "failed", code: "storage-unavailable" });
});

it("makes one film first when storage works again", async () => {
  for (let count = 0; count < 4; count++) await enqueue();
  let isOut = true;
  const gate = createGate();
  const films = { running: 0 };
  await using consumer = runConsumer(
    queue.database,
    async ({ capsuleId }) => {
      if (isOut) throw new KeepsakeError("storage-unavailable", "Storage is away.");
      films.running++;
      await gate.opened;
      films.running--;
      return { outcome: "published", film: filmOf(capsuleId) };
    },
    {
      ...quick,
      slots: 3,
      probe: async () => {
        if (isOut) throw new KeepsakeError("storage-unavailable", "Storage is away.");
      },
    },
  );
  await consumer.started();
  expect(await consumer.ended()).toMatchObject({ outcome: "interrupted", code: "storage-outage" });
  // No attempt that met the outage is left, and none is about to begin.
  const isAtWork = async () =>
    await queue.sql`
      select from keepsake.attempts where outcome is null
      union all select from keepsake.workers where not_claiming is null`;
  while ((await isAtWork()).length > 0) await queue.sql`select pg_sleep(0.02)`;
  isOut = false;
  const isWaiting = async () =>
    await queue.sql`select from keepsake.workers where not_claiming like 'Films can be published again%'`;
  while (films.running === 0 || (await isWaiting()).length === 0) await queue.sql`select pg_sleep(0.02)`;
  const most = films.running;
  gate.open();
  while (consumer.reports.filter(({ outcome }) => outcome === "published").length < 4) await consumer.ended();
  expect(most).toBe(1);
});
