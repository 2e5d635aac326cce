import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { KeepsakeError } from "../../../dist/errors.js";
import type { AttemptHandler } from "../../../dist/queue/attempt.js";
import { formatStatus } from "../../../dist/commands/format/format-status.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { readStatus } from "../../../dist/operator/read-status.js";
import { filmOf, must, never, openQueueRig, type QueueRig } from "./queue-rig.js";
import { refusingSchemas } from "./refusing-schemas.js";
import { runConsumer } from "./run-consumer.js";

let rig: QueueRig;
beforeEach(async () => {
  rig = await openQueueRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

const quick = { firstProbeSeconds: 0.02, maxProbeSeconds: 0.1 };

async function lastAttempt(): Promise<Record<string, unknown>> {
  const [row] = await rig.sql`
    select outcome, job_state, error_code, error_message from keepsake.attempts order by id desc limit 1`;
  return must(row);
}

/** Publishes a film of each capsule, and counts how many were made. */
function makeFilms(): { readonly made: string[]; readonly handler: AttemptHandler } {
  const made: string[] = [];
  return {
    made,
    handler: async ({ capsuleId }) => {
      made.push(capsuleId);
      return { outcome: "published", film: filmOf(capsuleId) };
    },
  };
}

async function isSaid(code: string): Promise<void> {
  const said = async () => await rig.sql`select from keepsake.workers where not_claiming like ${`%${code}%`}`;
  while ((await said()).length === 0) await rig.sql`select pg_sleep(0.02)`;
}

describe.each(Object.entries(refusingSchemas))("an app's table %s", (_what, { breaks, fixes, says }) => {
  it("costs no attempt and no second film, and the film is published once the table is repaired", async () => {
    await rig.direct.sql.unsafe(breaks);
    const first = await rig.addCapsule();
    await enqueueCapsule(rig.database, first, never);
    await enqueueCapsule(rig.database, await rig.addCapsule(), never);
    const { made, handler } = makeFilms();
    let isFixed = false;
    const checks: boolean[] = [];
    await using consumer = runConsumer(rig.database, handler, {
      ...quick,
      checkSetup: async () => {
        checks.push(isFixed);
        if (!isFixed) throw new KeepsakeError("capsule-table-refuses", `It still refuses: ${says}.`);
      },
    });
    expect(await consumer.ended()).toMatchObject({
      outcome: "setup",
      jobState: "waiting",
      code: "capsule-table-refuses",
      message: expect.stringContaining(says),
    });
    expect(await lastAttempt()).toMatchObject({ outcome: "setup", job_state: "waiting" });
    await isSaid(says);
    while (checks.length < 5) await rig.sql`select pg_sleep(0.02)`;
    expect(made).toEqual([first]);
    const status = await readStatus(rig.database, never);
    expect(status.setupHolds).toEqual([
      expect.objectContaining({
        code: "capsule-table-refuses",
        count: 1,
        message: expect.stringContaining(says) as string,
      }),
    ]);
    expect(formatStatus(status).join(" ")).toContain("jobs that wait until you fix something");
    await rig.direct.sql.unsafe(fixes);
    isFixed = true;
    await rig.sql`update pgmq.q_video_jobs_queue set vt = clock_timestamp()`;
    expect((await consumer.ended()).outcome).toBe("published");
    expect((await consumer.ended()).outcome).toBe("published");
    const rows =
      await rig.sql`select status::text, final_video_url like 'https://films.example/%' as ok from public.capsules`;
    expect(rows).toEqual([
      { status: "completed", ok: true },
      { status: "completed", ok: true },
    ]);
  });
});

it("an archive of PGMQ that is gone costs no attempt, whatever the outcome", async () => {
  const capsuleId = await rig.addCapsule();
  await rig.sql`drop table pgmq.a_video_jobs_queue`;
  await enqueueCapsule(rig.database, capsuleId, never);
  const { handler } = makeFilms();
  await using consumer = runConsumer(rig.database, handler, { ...quick, checkSetup: async () => undefined });
  expect(await consumer.ended()).toMatchObject({ outcome: "setup", code: "schema-missing" });
  const rejecting: AttemptHandler = async () => {
    throw new KeepsakeError("nothing-to-film", "Nothing.");
  };
  await enqueueCapsule(rig.database, await rig.addCapsule(), never);
  consumer.stop();
  await consumer.summary;
  await using other = runConsumer(rig.database, rejecting, quick);
  expect(await other.ended()).toMatchObject({
    outcome: "setup",
    code: "schema-missing",
    jobState: "waiting",
  });
});

it("a fault of one job does not stop the other jobs", async () => {
  const [tooLarge, good] = [await rig.addCapsule(), await rig.addCapsule()];
  for (const capsuleId of [tooLarge, good]) await enqueueCapsule(rig.database, capsuleId, never);
  let checks = 0;
  await using consumer = runConsumer(
    rig.database,
    async ({ capsuleId }) => {
      if (capsuleId === tooLarge) throw new KeepsakeError("storage-film-too-large", "The plan takes 50 MB.");
      return { outcome: "published", film: filmOf(capsuleId) };
    },
    { ...quick, checkSetup: async () => void (checks += 1) },
  );
  expect(await consumer.ended()).toMatchObject({ outcome: "setup", code: "storage-film-too-large" });
  expect(await consumer.ended()).toMatchObject({ outcome: "published", capsuleId: good });
  expect(checks).toBe(1);
});

it("a key that Storage rejects stops the claims with its own message, and counts nothing", async () => {
  for (let count = 0; count < 3; count += 1)
    await enqueueCapsule(rig.database, await rig.addCapsule(), never);
  let isRejected = true;
  const rejection = new KeepsakeError("storage-key-refused", "Storage refused the key.");
  const { made, handler } = makeFilms();
  await using consumer = runConsumer(
    rig.database,
    async (attempt) => {
      if (isRejected) throw rejection;
      return await handler(attempt);
    },
    {
      ...quick,
      probe: async () => {
        if (isRejected) throw rejection;
      },
    },
  );
  expect(await consumer.ended()).toMatchObject({ outcome: "setup", code: "storage-key-refused" });
  await isSaid("Storage refused the key");
  isRejected = false;
  await rig.sql`update pgmq.q_video_jobs_queue set vt = clock_timestamp()`;
  while (made.length < 3) expect((await consumer.ended()).outcome).toBe("published");
});

it("a worker that pauses for a fault of the setup keeps that reason through an outage of the database", async () => {
  await enqueueCapsule(rig.database, await rig.addCapsule(), never);
  const checks: string[] = [];
  await using consumer = runConsumer(
    rig.database,
    async () => {
      throw new KeepsakeError("capsule-table-refuses", "The table takes no such status.");
    },
    {
      ...quick,
      checkSetup: async () => {
        checks.push("out of reach");
        throw new KeepsakeError("database-unreachable", "The database cannot be reached.");
      },
    },
  );
  expect(await consumer.ended()).toMatchObject({ outcome: "setup", code: "capsule-table-refuses" });
  while (checks.length < 4) await rig.sql`select pg_sleep(0.02)`;
  const rows = await rig.sql`select not_claiming from keepsake.workers`;
  expect(rows).toEqual([{ not_claiming: "The table takes no such status." }]);
});
