import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { AttemptHandler } from "../../../dist/queue/attempt.js";
import { enqueueCapsule } from "../../../dist/queue/enqueue.js";
import { openDatabase } from "../../../dist/database/open-database.js";
import { Stop } from "../../../dist/stop.js";
import { openDatabaseProxy } from "./database-proxy.js";
import { filmOf, must, never, openQueueRig, type QueueRig } from "./queue-rig.js";
import { runConsumer, workUntilStopped } from "./run-consumer.js";

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

describe("a database out of reach", () => {
  it("stops the attempt before its lease is over, by our own clock", async () => {
    await enqueue();
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    await using consumer = runConsumer(database, workUntilStopped, {
      leaseSeconds: 2,
      leaseMarginSeconds: 1,
    });
    const attempt = await consumer.started();
    proxy.swallow();
    const report = await consumer.ended();
    expect(report).toMatchObject({ outcome: "lost" });
    expect((attempt.signal.reason as Stop).why).toBe("out-of-reach");
    proxy.restore();
  });

  it("finds out that it published when the reply came in no time it would wait for", async () => {
    await enqueue();
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    const lost = proxy.lose("publish", "silently, before the reply");
    await using consumer = runConsumer(database, publishAtOnce, { leaseSeconds: 4, leaseMarginSeconds: 1 });
    await lost;
    expect(await consumer.ended()).toMatchObject({ outcome: "published", jobState: "archived", code: null });
  });

  it("hands the job back, uncounted, when the database is there again and nobody took it", async () => {
    await enqueue();
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    await using consumer = runConsumer(
      database,
      async (attempt) => {
        proxy.cut();
        return await workUntilStopped(attempt).finally(proxy.restore);
      },
      { leaseSeconds: 2, leaseMarginSeconds: 1 },
    );
    expect(await consumer.ended()).toMatchObject({
      outcome: "interrupted",
      jobState: "waiting",
      code: "database-unreachable",
    });
  });

  it("ends when told to, though the database is still away", async () => {
    await enqueue();
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    await using consumer = runConsumer(database, workUntilStopped);
    await consumer.started();
    proxy.swallow();
    consumer.stop();
    expect((await consumer.summary).outcomes).toMatchObject({ lost: 1 });
  });

  it("publishes when the connection breaks and comes back within the lease", async () => {
    const capsuleId = await enqueue();
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    await using consumer = runConsumer(database, async (attempt) => {
      proxy.cut();
      setTimeout(proxy.restore, 300);
      return await publishAtOnce(attempt);
    });
    expect(await consumer.ended()).toMatchObject({ outcome: "published", capsuleId });
  });

  it("goes on claiming when it is back", async () => {
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    proxy.cut();
    await using consumer = runConsumer(database, publishAtOnce);
    const capsuleId = await enqueue();
    proxy.restore();
    expect(await consumer.ended()).toMatchObject({ outcome: "published", capsuleId });
    expect(must(consumer.reports[0]).readCount).toBe(1);
  });
});
