import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { AttemptHandler } from "../../../dist/queue/attempt.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { openDatabase } from "../../../dist/database/open-database.js";
import { Stop } from "../../../dist/async/stop.js";
import { openDatabaseProxy } from "./database-proxy.js";
import { createUnreportedNotes } from "../../../dist/queue/unreported-notes.js";
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

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

/** How the attempts ended, in the order of their deliveries. */
const ends = async () =>
  await rig.sql`
  select worker, outcome, error_code as code from keepsake.attempts order by id`;

/** Until every lease has passed, by the server's clock. */
async function leasesPass(): Promise<void> {
  for (;;) {
    const held = await rig.sql`select from pgmq.q_video_jobs_queue where vt > clock_timestamp()`;
    if (held.length === 0) return;
    await rig.sql`select pg_sleep(0.02)`;
  }
}

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
    await aborted(attempt.signal);
    expect((attempt.signal.reason as Stop).why).toBe("out-of-reach");
    const [row] = await rig.sql`select vt > clock_timestamp() as held from pgmq.q_video_jobs_queue`;
    expect(row).toEqual({ held: true });
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

describe("an outage longer than the lease", () => {
  const short = { leaseSeconds: 2, leaseMarginSeconds: 1 };

  it("is reported by the worker that lived through it, before it takes the job again", async () => {
    const capsuleId = await enqueue();
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    let turn = 0;
    await using consumer = runConsumer(
      database,
      async (attempt) => {
        turn += 1;
        return await (turn === 1 ? workUntilStopped : publishAtOnce)(attempt);
      },
      // A slot is free for claims all the time.
      { ...short, slots: 3 },
    );
    const attempt = await consumer.started();
    proxy.cut();
    await aborted(attempt.signal);
    await leasesPass();
    // A second lease goes by, too: this used to be the end of its patience.
    await rig.sql`select pg_sleep(${short.leaseSeconds * 1.5})`;
    proxy.restore();
    expect(await consumer.ended()).toMatchObject({ outcome: "interrupted", code: "database-unreachable" });
    expect(await consumer.ended()).toMatchObject({ outcome: "published", capsuleId, readCount: 2 });
    expect(await ends()).toEqual([
      { worker: "worker-a", outcome: "interrupted", code: "database-unreachable" },
      { worker: "worker-a", outcome: "published", code: null },
    ]);
  });

  it("is reported though another worker took the job and called the attempt vanished", async () => {
    const capsuleId = await enqueue();
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    await using cutOff = runConsumer(database, workUntilStopped, short);
    await cutOff.started();
    proxy.swallow();
    await leasesPass();
    await using other = runConsumer(rig.direct, publishAtOnce, { workerName: "worker-b" });
    expect(await other.ended()).toMatchObject({ outcome: "published", capsuleId, readCount: 2 });
    expect((await ends())[0]).toMatchObject({ outcome: "crashed", code: "attempt-vanished" });
    proxy.restore();
    expect(await cutOff.ended()).toMatchObject({ outcome: "interrupted", jobState: "lost" });
    expect((await ends())[0]).toMatchObject({ outcome: "interrupted", code: "database-unreachable" });
  });

  it("does not cost a film that was finished when it began", async () => {
    const capsuleId = await enqueue();
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    await using consumer = runConsumer(
      database,
      async (attempt) => {
        await attempt.fence();
        proxy.cut();
        return await publishAtOnce(attempt);
      },
      short,
    );
    await consumer.started();
    await leasesPass();
    await rig.sql`select pg_sleep(${short.leaseSeconds * 1.5})`;
    proxy.restore();
    expect(await consumer.ended()).toMatchObject({ outcome: "published", capsuleId, readCount: 1 });
  });

  it("buries no job, however often it comes", async () => {
    await enqueue();
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    await using consumer = runConsumer(database, workUntilStopped, short);
    for (let turn = 1; turn <= 4; turn += 1) {
      const attempt = await consumer.started();
      expect(attempt).toMatchObject({ readCount: turn, attemptNumber: 1, isLast: false });
      proxy.cut();
      await aborted(attempt.signal);
      await leasesPass();
      proxy.restore();
      expect(await consumer.ended()).toMatchObject({ outcome: "interrupted" });
    }
  });

  it("is reported by the next worker of the machine, where the one it met was told to stop", async () => {
    await enqueue();
    const folder = await mkdtemp(path.join(tmpdir(), "keepsake-notes-"));
    const unreportedNotes = createUnreportedNotes(path.join(folder, "unreported"), rig.url);
    try {
      await using proxy = await openDatabaseProxy(rig.url);
      await using database = openDatabase(proxy.url);
      await using stopped = runConsumer(database, workUntilStopped, { ...short, unreportedNotes });
      await stopped.started();
      proxy.cut();
      stopped.stop();
      expect((await stopped.summary).outcomes).toMatchObject({ lost: 1 });
      expect(await unreportedNotes.list()).toHaveLength(1);
      await leasesPass();
      const job = await rig.claim("worker-b");
      expect((await ends())[0]).toMatchObject({ outcome: "crashed" });
      proxy.restore();
      await using next = runConsumer(database, publishAtOnce, { workerName: "worker-c", unreportedNotes });
      await rig.letTimePass(job.msgId);
      expect(await next.ended()).toMatchObject({ outcome: "published", readCount: 3 });
      expect((await ends())[0]).toMatchObject({ outcome: "interrupted", code: "database-unreachable" });
      expect(await unreportedNotes.list()).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
