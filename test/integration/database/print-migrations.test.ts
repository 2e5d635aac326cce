/** The text that `keepsake migrate --print` writes, by each of the ways in which people run a file of migrations. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { appSchemaSql } from "../../../dist/embedded/app-schema.js";
import { readPgmqSql } from "../../../dist/embedded/pgmq-sql.js";
import { checkDatabase } from "../../../dist/database/check-database.js";
import { describeGaps } from "../../../dist/database/describe-gaps.js";
import { migrate } from "../../../dist/database/migrate.js";
import { readMigrations } from "../../../dist/database/migrations.js";
import { openDatabase, type PostgresDatabase } from "../../../dist/database/open-database.js";
import { printMigrations } from "../../../dist/database/print-migrations.js";
import { readCatalogs } from "../../../dist/database/read-catalogs.js";
import { openTestDatabase, type TestDatabase } from "../../database.js";
import { must, never } from "../queue/queue-rig.js";
import { splitStatements } from "./split-statements.js";

let test: TestDatabase;
let database: PostgresDatabase;
beforeEach(async () => {
  test = await openTestDatabase("template0");
  database = openDatabase(test.url);
  // Supabase has these functions in an extension.
  await database.sql.unsafe("create schema pgmq");
  await database.sql.unsafe(await readPgmqSql());
  await database.sql.unsafe(appSchemaSql);
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
  await test[Symbol.asyncDispose]();
});

const printed = { enqueueTrigger: false, bucket: "videos" };

const ways: Readonly<Record<string, (text: string) => Promise<void>>> = {
  "as one simple query, as the SQL editor sends it": async (text) => {
    await database.sql.unsafe(text);
  },
  "statement by statement, each by itself, as psql sends it": async (text) => {
    for (const statement of splitStatements(text)) await database.sql.unsafe(statement);
  },
  "statement by statement in one transaction, as psql -1 and the Supabase CLI send it": async (text) => {
    await database.sql.begin(async (sql) => {
      for (const statement of splitStatements(text)) await sql.unsafe(statement);
    });
  },
};

async function expectReady(): Promise<void> {
  expect(await checkDatabase(database, never)).toEqual([]);
  expect(describeGaps(await readCatalogs(database, never))).toEqual([]);
}

/** Reads all our objects as the server describes them. */
async function schema(): Promise<unknown> {
  return await database.sql`
    select pg_get_functiondef(p.oid) as text, coalesce(p.proacl::text, '') as rights from pg_proc as p
    where p.pronamespace in ('keepsake'::regnamespace, 'public'::regnamespace)
    union all
    select format('%s.%s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod)), coalesce(c.relacl::text, '')
    from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
    where c.relnamespace = 'keepsake'::regnamespace
    order by 1`;
}

describe.each(Object.entries(ways))("the printed migrations %s", (_way, run) => {
  it("create a database, change nothing when they run again, and migrate recognises them", async () => {
    const text = await printMigrations(printed);
    await run(text);
    await expectReady();
    const before = await schema();
    await run(text);
    expect(await schema()).toEqual(before);
    expect(await migrate(database, { pgmqSql: readPgmqSql, signal: never })).toMatchObject({
      applied: [],
      done: [],
      notices: [],
    });
    await expectReady();
  });

  it("can run after keepsake migrate, and restore what was lost since", async () => {
    await migrate(database, { pgmqSql: readPgmqSql, signal: never });
    const before = await schema();
    await database.sql.unsafe(`
      select pgmq.drop_queue('video_jobs_dlq'::text);
      drop function pgmq.receive(text, integer, integer), public.keepsake_call(text, jsonb)`);
    await run(await printMigrations(printed));
    await expectReady();
    expect(await schema()).toEqual(before);
  });

  it("apply only what is new after those of an earlier version, with and without --since", async () => {
    const migrations = await readMigrations();
    const [early, late] = [migrations.slice(0, 9), migrations.slice(9)];
    const applyEarly = async () => {
      for (const { name, text, sha256 } of early) {
        await database.sql.unsafe(text);
        if (name === must(early[0]).name) await database.sql`select keepsake.create_queues()`;
        await database.sql`insert into keepsake.migrations (name, sha256) values (${name}, ${sha256})`;
      }
      await database.sql`insert into keepsake.operations (action) values ('kept')`;
    };
    await applyEarly();
    await run(await printMigrations(printed));
    await expectReady();
    const whole = await schema();
    expect(await database.sql`select action from keepsake.operations`).toEqual([{ action: "kept" }]);

    await database.sql.unsafe("drop schema keepsake cascade");
    await applyEarly();
    const since = await printMigrations({ ...printed, since: must(early.at(-1)).name });
    for (const { name } of early.slice(0, -1)) expect(since).not.toContain(name);
    for (const { name } of late) expect(since).toContain(name);
    await run(since);
    await expectReady();
    expect(await schema()).toEqual(whole);
    await run(since);
    expect(await schema()).toEqual(whole);
    // The earlier version's file stays in git, and is run again before the new one by `supabase db reset`.
    expect((await migrate(database, { pgmqSql: readPgmqSql, signal: never })).applied).toEqual([]);
  });
});

describe("the printed migrations", () => {
  it("fail where a migration of the same name has another hash, and change nothing", async () => {
    await migrate(database, { pgmqSql: readPgmqSql, signal: never });
    await database.sql`update keepsake.migrations set sha256 = 'other' where name = '003_job_parts.sql'`;
    await expect(database.sql.unsafe(await printMigrations(printed))).rejects.toThrow(
      /has another 003_job_parts.sql/,
    );
  });

  it("of a later version name the earlier file where that is missing", async () => {
    const since = await printMigrations({ ...printed, since: "012_grants.sql" });
    await expect(database.sql.unsafe(since)).rejects.toThrow(
      /lacks 012_grants.sql: run the earlier file first/,
    );
  });

  it("cannot be printed since an unknown migration", async () => {
    await expect(printMigrations({ ...printed, since: "12" })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("There is no migration 12. The migrations are 001_queues.sql, "),
    });
  });

  it("install the trigger on request, and create the configured bucket", async () => {
    await database.sql.unsafe(`
      create schema storage;
      create table storage.buckets (id text primary key, name text not null, public boolean)`);
    const text = await printMigrations({ enqueueTrigger: true, bucket: "films" });
    await database.sql.unsafe(text);
    await database.sql.unsafe(text);
    expect((await readCatalogs(database, never)).enqueue_trigger).toBe(true);
    expect(await database.sql`select id from storage.buckets`).toEqual([{ id: "films" }]);
    await database.sql.unsafe(
      await printMigrations({ enqueueTrigger: false, bucket: "films", privateBucket: "existing" }),
    );
    expect(await database.sql`select public from storage.buckets`).toEqual([{ public: false }]);
  });
});

it("applies and prints a migration that is numbered by time after those with three digits", async () => {
  const known = await readMigrations();
  const text = "create table keepsake.note (id integer primary key);\n";
  const later = { name: "20261201120000_note.sql", text, sha256: "e".repeat(64) };
  const migrations = [...known, later];
  const isThere = async (): Promise<unknown> =>
    (await database.sql`select to_regclass('keepsake.note') is not null as yes`)[0]?.["yes"];

  await migrate(database, { pgmqSql: readPgmqSql, signal: never });
  expect(await isThere()).toBe(false);
  const since = must(known.at(-1)).name;
  const printedLater = await printMigrations({ ...printed, since, migrations });
  expect(printedLater).not.toContain("create table keepsake.films");
  await database.sql.unsafe(printedLater);
  await database.sql.unsafe(printedLater);
  expect(await isThere()).toBe(true);
  const again = await migrate(database, { pgmqSql: readPgmqSql, signal: never, migrations });
  expect(again).toMatchObject({ applied: [], alreadyThere: migrations.map(({ name }) => name) });

  await database.sql.unsafe("drop schema keepsake cascade");
  const first = await migrate(database, { pgmqSql: readPgmqSql, signal: never, migrations });
  expect(first.applied.at(-1)).toBe(later.name);
  expect(await isThere()).toBe(true);
});
