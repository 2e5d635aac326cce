/** Calls that meet on the same rows. Each holds a connection while it waits, so a pooler with few is not asked. */
import { afterAll, beforeAll, expect, it } from "vitest";

import { openDatabase } from "../../../dist/database/open-database.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import { openQueueRig, payloadFor, type QueueRig } from "./queue-rig.js";

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const interrupted = {
  outcome: "interrupted",
  code: null,
  message: null,
} as const;

it("finish does not deadlock with the next attempt where an acquire is still under way", async () => {
  const capsuleId = await rig.addCapsule();
  for (let count = 0; count < 2; count++) await rig.send(payloadFor(capsuleId));
  const [first, second] = [await rig.claim(), await rig.claim()];
  await rig.sql`
    insert into keepsake.films (capsule_id, state, msg_id, read_ct)
    values (${capsuleId}::uuid, 'waiting', ${first.msgId}::bigint, 0)`;
  await using other = openDatabase(rig.url);
  const untilWaiting = async (count: number): Promise<void> => {
    const waiting = async () =>
      await rig.sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await waiting()).length < count) await rig.sql`select pg_sleep(0.02)`;
  };
  const [settled, owned] = await other.sql
    .begin(async (sql) => {
      await sql`select keepsake.acquire(${first.msgId}::bigint, ${first.readCount}::integer, ${capsuleId}::uuid)`;
      const settling = finishAttempt(rig.database, first, interrupted);
      await untilWaiting(1);
      const owning = acquireCapsule(rig.database, second, capsuleId);
      await untilWaiting(2);
      return [settling, owning] as const;
    })
    .then(async (both) => await Promise.all(both));
  expect(settled.jobState).toBe("waiting");
  // Either may lock the first job before the other, and neither may fail.
  expect(["acquired", "deferred"]).toContain(owned);
});
