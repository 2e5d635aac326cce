/**
 * PGMQ as the real extension, updated from 1.4.4 on one version at a time by its own update scripts, as far as the npm
 * package carries them (1.11.1); with `KEEPSAKE_TEST_PGMQ_UPDATES` further.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { checkDatabase, whyUnsupported } from "../../../dist/database/check-database.js";
import { describeGaps } from "../../../dist/database/describe-gaps.js";
import { migrate } from "../../../dist/database/migrate.js";
import { readCatalogs } from "../../../dist/database/read-catalogs.js";
import { claimJob, type ClaimedJob } from "../../../dist/queue/claim-job.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { filmFor, must, never } from "../queue/queue-rig.js";
import { openPgmqServer, type PgmqDatabase, type PgmqServer } from "./open-pgmq-server.js";

let server: PgmqServer;
let database: PgmqDatabase;
beforeAll(async () => {
  server = await openPgmqServer();
  database = await server.createDatabase();
  await database.asOwner.sql.unsafe("create schema pgmq; create extension pgmq schema pgmq version '1.4.4'");
  await migrate(database.asOwner, { signal: never, enqueueTrigger: true });
});
afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

/** Closes a capsule, which enqueues it. */
async function closeCapsule(): Promise<string> {
  const [capsule] = await database.asOwner.sql<{ id: string }[]>`
    insert into public.capsules (status) values ('closed') returning id`;
  return must(capsule).id;
}

async function start(): Promise<{ readonly job: ClaimedJob; readonly capsuleId: string }> {
  const capsuleId = await closeCapsule();
  const job = must(await claimJob(database.asOwner, "worker", 120));
  expect(job.message).toMatchObject({ capsule_id: capsuleId });
  expect(await acquireCapsule(database.asOwner, job, capsuleId)).toBe("acquired");
  return { job, capsuleId };
}

async function publish({ job, capsuleId }: Awaited<ReturnType<typeof start>>): Promise<void> {
  expect(await publishFilm(database.asOwner, job, await filmFor(database.asOwner.sql, capsuleId))).toBe(
    "published",
  );
}

/** Uses the guide's own statement. The job becomes visible again and is archived. */
async function receive(): Promise<void> {
  const capsuleId = await closeCapsule();
  const rows = await database.asOwner.sql.unsafe("SELECT * FROM pgmq.receive('video_jobs_queue', 1, 30);");
  expect(Object.keys(must(rows[0]))).toEqual(["msg_id", "read_ct", "enqueued_at", "vt", "message"]);
  expect(rows[0]).toMatchObject({ message: { capsule_id: capsuleId } });
  expect(await database.asOwner.sql`select pgmq.size('video_jobs_queue')`).toEqual([{ size: 1n }]);
  expect(await database.asOwner.sql`select pgmq.purge('video_jobs_queue')`).toEqual([{ purge: 1n }]);
}

/** Lists what depends on a type, a function or another object of PGMQ, except the tables of the two queues. */
async function dependents(): Promise<unknown> {
  return await database.asSuperuser.sql`
    select pg_describe_object(d.classid, d.objid, d.objsubid) as ours,
      pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid) as theirs
    from pg_depend as d
    join (
      select 'pg_proc'::regclass as class, p.oid from pg_proc as p
      where p.pronamespace = 'keepsake'::regnamespace
        or p.proname in ('get_video_queue_status', 'add_video_generation_job', 'keepsake_call', 'receive', 'size', 'purge')
      union all
      select 'pg_class'::regclass, c.oid from pg_class as c where c.relnamespace = 'keepsake'::regnamespace
      union all
      select 'pg_type'::regclass, t.oid from pg_type as t where t.typnamespace = 'keepsake'::regnamespace
    ) as ours on ours.class = d.classid and ours.oid = d.objid
    where d.refclassid <> 'pg_namespace'::regclass and (d.refclassid, d.refobjid) in (
      select e.classid, e.objid from pg_depend as e
      join pg_extension as x on x.oid = e.refobjid and x.extname = 'pgmq'
      where e.refclassid = 'pg_extension'::regclass and e.deptype = 'e'
    )`;
}

describe("PGMQ 1.4.4", () => {
  it("no object of Keepsake depends on a type or a function of PGMQ 1.4.4", async () => {
    expect(await dependents()).toEqual([]);
  });

  it("PGMQ 1.4.4 publishes films and answers the guide's statements", async () => {
    await publish(await start());
    await receive();
    const [left] = await database.asOwner.sql`select pending_count from get_video_queue_status()`;
    expect(left).toEqual({ pending_count: 0n });
  });
});

describe("PGMQ updated one version at a time under jobs that are being worked on", () => {
  it("work continues after each update of PGMQ, and 1.10 is rejected with a reason", async () => {
    expect(server.versions.length).toBeGreaterThan(15);
    expect(server.versions).toEqual(expect.arrayContaining(["1.5.1", "1.6.0", "1.9.0", "1.11.1"]));
    for (const version of server.versions.slice(1)) {
      const isBroken = whyUnsupported(version) !== null;
      const { pgmq_version: before } = await readCatalogs(database.asOwner, never);
      const open = whyUnsupported(must(before)) === null ? await start() : null;
      await database.asOwner.sql.unsafe(`alter extension pgmq update to '${version}'`);
      const codes = (await checkDatabase(database.asOwner, never)).map(({ code }) => code);
      expect({ version, codes }).toEqual({ version, codes: isBroken ? ["pgmq-unsupported"] : [] });
      expect(describeGaps(await readCatalogs(database.asOwner, never)).join(), version).not.toContain(
        "names",
      );
      expect(await dependents(), version).toEqual([]);
      if (open !== null) await publish(open);
      if (isBroken) {
        const capsuleId = await closeCapsule();
        await expect(claimJob(database.asOwner, "worker", 120)).rejects.toThrow(/42804/);
        await database.asOwner.sql`select keepsake.cancel(${capsuleId}::uuid)`;
      } else {
        await publish(await start());
        await receive();
      }
    }
    expect((await migrate(database.asOwner, { signal: never })).done).toEqual([]);
  });
});
