/**
 * Tests what pg_dump contains of the queues. It leaves out the tables that are members of an extension, as PGMQ before 1.6 makes
 * them, and says nothing (https://www.postgresql.org/docs/current/extend-extensions.html).
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";

import { checkDatabase } from "../../../dist/database/check-database.js";
import { describeGaps } from "../../../dist/database/describe-gaps.js";
import { migrate } from "../../../dist/database/migrate.js";
import { readCatalogs } from "../../../dist/database/read-catalogs.js";
import { never } from "../queue/queue-rig.js";
import { openPgmqServer, type PgmqDatabase, type PgmqServer } from "./open-pgmq-server.js";

let server: PgmqServer;
let database: PgmqDatabase;
beforeAll(async () => {
  server = await openPgmqServer();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  database = await server.createDatabase();
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

/** The tables and sequences of queues that belong to the extension. */
async function members(): Promise<readonly string[]> {
  const rows = await database.asSuperuser.sql<{ name: string }[]>`
    select c.oid::regclass::text as name
    from pg_depend as d
    join pg_extension as e on e.oid = d.refobjid and d.refclassid = 'pg_extension'::regclass and e.extname = 'pgmq'
    join pg_class as c on c.oid = d.objid and d.classid = 'pg_class'::regclass and c.relkind in ('r', 'S')
    where d.deptype = 'e' and c.relname <> 'meta' order by 1`;
  return rows.map(({ name }) => name);
}

async function gaps(): Promise<readonly string[]> {
  return describeGaps(await readCatalogs(database.asOwner, never));
}

const tables = [
  "pgmq.a_video_jobs_dlq",
  "pgmq.a_video_jobs_queue",
  "pgmq.q_video_jobs_dlq",
  "pgmq.q_video_jobs_queue",
];
const sequences = ["pgmq.q_video_jobs_dlq_msg_id_seq", "pgmq.q_video_jobs_queue_msg_id_seq"];

it.each([
  ["1.4.4", tables],
  ["1.5.1", [...tables, ...sequences].toSorted()],
])(
  "PGMQ %s: migrate removes the queues from the extension, and updates still work",
  async (version, before) => {
    const { sql } = database.asOwner;
    await sql.unsafe(`create schema pgmq; create extension pgmq schema pgmq version '${version}'`);
    await sql`select pgmq.create('others'::text)`;
    await sql`select pgmq.create('video_jobs_queue'::text), pgmq.create('video_jobs_dlq'::text)`;
    const others = (await members()).filter((name) => name.includes("others"));
    expect((await members()).filter((name) => !name.includes("others"))).toEqual(before);

    const { done } = await migrate(database.asOwner, { signal: never });
    expect(done).toContainEqual(
      expect.stringMatching(
        /^removed from the extension pgmq, so that pg_dump includes them: table pgmq.a_video_jobs_dlq, /,
      ),
    );
    expect(await members()).toEqual(others);
    expect(await gaps()).toEqual([]);
    expect((await migrate(database.asOwner, { signal: never })).done).toEqual([]);

    // The app's own migration may create the queue again, and PGMQ then makes it a member again.
    await sql`select pgmq.create('video_jobs_queue'::text)`;
    expect(await gaps()).toEqual([
      expect.stringMatching(/^Backups by pg_dump leave out .*q_video_jobs_queue/),
    ]);
    expect((await migrate(database.asOwner, { signal: never })).done).toHaveLength(1);
    expect(await gaps()).toEqual([]);

    for (const to of ["1.5.1", "1.6.0", "1.11.1"]) {
      if (to !== version) await sql.unsafe(`alter extension pgmq update to '${to}'`);
      await sql`select pgmq.send('video_jobs_queue'::text, '{}'::jsonb)`;
      await sql`select pgmq.read('video_jobs_queue'::text, 0, 1)`;
      expect(await checkDatabase(database.asOwner, never)).toEqual([]);
    }
    expect(await sql`select pgmq.drop_queue('video_jobs_queue'::text) as dropped`).toEqual([
      { dropped: true },
    ]);
  },
);

it("a role that does not own the extension learns what backups leave out, and who can change that", async () => {
  await database.asSuperuser.sql.unsafe(`
    create schema pgmq; create extension pgmq schema pgmq version '1.5.1';
    select pgmq.create('video_jobs_queue'::text), pgmq.create('video_jobs_dlq'::text);
    grant all on schema pgmq to app_owner;
    grant all on all tables in schema pgmq to app_owner`);
  const { notices, problems } = await migrate(database.asOwner, { signal: never });
  expect(problems).toEqual([]);
  expect(notices).toContainEqual(
    expect.stringMatching(
      /^Backups by pg_dump leave out the jobs and the dead letters, .*update PGMQ to 1.6 or later, or let the extension's owner run `alter extension pgmq drop table pgmq.a_video_jobs_dlq`/,
    ),
  );
  expect(await gaps()).toContainEqual(
    expect.stringMatching(
      /^Backups by pg_dump leave out pgmq.a_video_jobs_dlq, .* update PGMQ to 1.6 or later/,
    ),
  );
});
