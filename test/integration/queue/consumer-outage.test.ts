import { once } from "node:events";
import path from "node:path";

import { describe, expect } from "vitest";

import { openDatabase } from "../../../dist/database/open-database.js";
import { Stop } from "../../../dist/async/stop.js";
import { openDatabaseProxy } from "./database-proxy.js";
import { callSeconds } from "../../../dist/queue/record-result.js";
import { createUnreportedNotes } from "../../../dist/queue/unreported-notes.js";
import { must, type QueueRig } from "./queue-rig.js";
import { ownDatabaseTest, publishAtOnce } from "./queue-test.js";
import { runConsumer, workUntilStopped } from "./run-consumer.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

/** Returns how the attempts ended, in the order of their deliveries. */
const endsOf = async ({ sql }: QueueRig) =>
  await sql`
  select worker, outcome, error_code as code from keepsake.attempts order by id`;

/** Makes every lease end on the server, which does not wait for the worker's clock. */
async function endLeases({ sql }: QueueRig): Promise<void> {
  await sql`update pgmq.q_video_jobs_queue set vt = clock_timestamp() - interval '1 second'`;
}

/**
 * The outcome of an attempt depends on time here, because its worker watches the lease by its own clock. A busy machine may
 * send no heartbeat for eight seconds, and may notice the end of the lease eight seconds late.
 */
const lease = { leaseSeconds: 16, leaseMarginSeconds: 8, heartbeatSeconds: 0.5 };

describe.concurrent("a worker whose database is out of reach", () => {
  ownDatabaseTest("stops its attempt before the lease is over, by its own clock", async ({ rig }) => {
    await rig.enqueue();
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    // The last query must be answered within the margin.
    await using consumer = runConsumer(database, workUntilStopped, {
      leaseSeconds: 70,
      leaseMarginSeconds: 60,
    });
    const attempt = await consumer.started();
    proxy.swallow();
    await aborted(attempt.signal);
    expect((attempt.signal.reason as Stop).why).toBe("out-of-reach");
    const [row] = await rig.sql`select vt > clock_timestamp() as held from pgmq.q_video_jobs_queue`;
    expect(row).toEqual({ held: true });
    proxy.restore();
  });

  ownDatabaseTest("finds out that it published when the reply was lost", async ({ rig }) => {
    await rig.enqueue();
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    const lost = proxy.lose("publish", "silently, before the reply");
    // The lease ends before the call without a reply is given up.
    await using consumer = runConsumer(database, publishAtOnce, {
      leaseSeconds: callSeconds - 3,
      leaseMarginSeconds: 1,
    });
    await lost;
    expect(await consumer.ended()).toMatchObject({
      outcome: "published",
      jobState: "archived",
      code: null,
    });
  });

  ownDatabaseTest(
    "hands the job back, uncounted, when the database is back and no other worker has it",
    async ({ rig }) => {
      await rig.enqueue();
      await using proxy = await openDatabaseProxy(rig.url);
      await using database = openDatabase(proxy.url);
      await using consumer = runConsumer(
        database,
        async (attempt) => {
          proxy.cut();
          return await workUntilStopped(attempt).finally(proxy.restore);
        },
        lease,
      );
      expect(await consumer.ended()).toMatchObject({
        outcome: "interrupted",
        jobState: "waiting",
        code: "database-unreachable",
      });
    },
  );

  ownDatabaseTest(
    "ends when it is told to stop, although the database is still out of reach",
    async ({ rig }) => {
      await rig.enqueue();
      await using proxy = await openDatabaseProxy(rig.url);
      await using database = openDatabase(proxy.url);
      await using consumer = runConsumer(database, workUntilStopped);
      await consumer.started();
      proxy.swallow();
      consumer.stop();
      expect((await consumer.summary).outcomes).toMatchObject({ lost: 1 });
    },
  );

  ownDatabaseTest(
    "publishes a film when the connection breaks and comes back within the lease",
    async ({ rig }) => {
      const capsuleId = await rig.enqueue();
      await using proxy = await openDatabaseProxy(rig.url);
      await using database = openDatabase(proxy.url);
      await using consumer = runConsumer(database, async (attempt) => {
        proxy.cut();
        void proxy.rejected().then(proxy.restore);
        return await publishAtOnce(attempt);
      });
      expect(await consumer.ended()).toMatchObject({ outcome: "published", capsuleId });
    },
  );

  ownDatabaseTest("claims again when the database is back", async ({ rig }) => {
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    proxy.cut();
    await using consumer = runConsumer(database, publishAtOnce);
    const capsuleId = await rig.enqueue();
    proxy.restore();
    expect(await consumer.ended()).toMatchObject({ outcome: "published", capsuleId });
    expect(must(consumer.reports[0]).readCount).toBe(1);
  });
});

describe.concurrent("an outage longer than the lease", () => {
  ownDatabaseTest(
    "a worker reports an outage longer than the lease before it claims the job again",
    async ({ rig }) => {
      const capsuleId = await rig.enqueue();
      await using proxy = await openDatabaseProxy(rig.url);
      await using database = openDatabase(proxy.url);
      let attempts = 0;
      await using consumer = runConsumer(
        database,
        async (attempt) => {
          attempts += 1;
          return await (attempts === 1 ? workUntilStopped : publishAtOnce)(attempt);
        },
        // A slot is free for claims all the time.
        { ...lease, slots: 3 },
      );
      const attempt = await consumer.started();
      proxy.cut();
      await aborted(attempt.signal);
      await endLeases(rig);
      // The outage also lasts longer than a second lease, which once was the retry budget.
      await rig.sql`select pg_sleep(${lease.leaseSeconds * 1.5})`;
      proxy.restore();
      expect(await consumer.ended()).toMatchObject({ outcome: "interrupted", code: "database-unreachable" });
      expect(await consumer.ended()).toMatchObject({ outcome: "published", capsuleId, readCount: 2 });
      expect(await endsOf(rig)).toEqual([
        { worker: "worker-a", outcome: "interrupted", code: "database-unreachable" },
        { worker: "worker-a", outcome: "published", code: null },
      ]);
    },
  );

  ownDatabaseTest(
    "a worker reports an outage although another worker has the job and ended the attempt as vanished",
    async ({ rig }) => {
      const capsuleId = await rig.enqueue();
      await using proxy = await openDatabaseProxy(rig.url);
      await using database = openDatabase(proxy.url);
      await using cutOff = runConsumer(database, workUntilStopped, lease);
      const attempt = await cutOff.started();
      proxy.swallow();
      await aborted(attempt.signal);
      await endLeases(rig);
      await using other = runConsumer(rig.direct, publishAtOnce, { workerName: "worker-b" });
      expect(await other.ended()).toMatchObject({ outcome: "published", capsuleId, readCount: 2 });
      expect((await endsOf(rig))[0]).toMatchObject({ outcome: "crashed", code: "attempt-vanished" });
      proxy.restore();
      expect(await cutOff.ended()).toMatchObject({ outcome: "interrupted", jobState: "lost" });
      expect((await endsOf(rig))[0]).toMatchObject({ outcome: "interrupted", code: "database-unreachable" });
    },
  );

  ownDatabaseTest("an outage does not lose a film that was finished when it began", async ({ rig }) => {
    const capsuleId = await rig.enqueue();
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    await using consumer = runConsumer(
      database,
      async (attempt) => {
        await attempt.fence();
        proxy.cut();
        return await publishAtOnce(attempt);
      },
      lease,
    );
    await proxy.rejected();
    await endLeases(rig);
    await rig.sql`select pg_sleep(${lease.leaseSeconds * 1.5})`;
    proxy.restore();
    expect(await consumer.ended()).toMatchObject({ outcome: "published", capsuleId, readCount: 1 });
  });

  ownDatabaseTest("repeated outages make no job a dead letter", async ({ rig }) => {
    await rig.enqueue();
    await using proxy = await openDatabaseProxy(rig.url);
    await using database = openDatabase(proxy.url);
    await using consumer = runConsumer(database, workUntilStopped, lease);
    for (let readCount = 1; readCount <= 4; readCount += 1) {
      const attempt = await consumer.started();
      expect(attempt).toMatchObject({ readCount, attemptNumber: 1, isLast: false });
      proxy.cut();
      await aborted(attempt.signal);
      await endLeases(rig);
      proxy.restore();
      expect(await consumer.ended()).toMatchObject({ outcome: "interrupted" });
    }
  });

  ownDatabaseTest(
    "the next worker of the machine reports an outage when the first one was told to stop",
    async ({ rig }) => {
      await rig.enqueue();
      const unreportedNotes = createUnreportedNotes(path.join(folder, "unreported"), rig.url);
      await using proxy = await openDatabaseProxy(rig.url);
      await using database = openDatabase(proxy.url);
      await using stopped = runConsumer(database, workUntilStopped, { ...lease, unreportedNotes });
      await stopped.started();
      proxy.cut();
      stopped.stop();
      expect((await stopped.summary).outcomes).toMatchObject({ lost: 1 });
      expect(await unreportedNotes.list()).toHaveLength(1);
      await endLeases(rig);
      const job = await rig.claim("worker-b");
      expect((await endsOf(rig))[0]).toMatchObject({ outcome: "crashed" });
      proxy.restore();
      await using next = runConsumer(database, publishAtOnce, { workerName: "worker-c", unreportedNotes });
      await rig.letTimePass(job.msgId);
      expect(await next.ended()).toMatchObject({ outcome: "published", readCount: 3 });
      expect((await endsOf(rig))[0]).toMatchObject({
        outcome: "interrupted",
        code: "database-unreachable",
      });
      expect(await unreportedNotes.list()).toEqual([]);
    },
  );
});
