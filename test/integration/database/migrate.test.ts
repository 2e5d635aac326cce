import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";

import { appSchemaSql } from "../../../dist/embedded/app-schema.js";
import { checkDatabase } from "../../../dist/database/check-database.js";
import { migrate } from "../../../dist/database/migrate.js";
import { readPgmqSql } from "../../../dist/embedded/pgmq-sql.js";
import { readMigrations } from "../../../dist/database/migrations.js";
import { openDatabase, type PostgresDatabase } from "../../../dist/database/open-database.js";
import { printMigrations } from "../../../dist/database/print-migrations.js";
import { openTestDatabase, type TestDatabase } from "../../database.js";
import { must, never } from "../queue/queue-rig.js";

let test: TestDatabase;
let database: PostgresDatabase;
beforeEach(async () => {
  test = await openTestDatabase("template0");
  database = openDatabase(test.url);
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
  await test[Symbol.asyncDispose]();
});

async function problems(): Promise<string[]> {
  return (await checkDatabase(database, never)).map(({ code }) => code);
}

describe("migrate", () => {
  it("applies each migration once, also when two processes start at once", async () => {
    await database.sql.unsafe(appSchemaSql);
    await using second = openDatabase(test.url);
    const names = (await readMigrations()).map(({ name }) => name);
    const results = await Promise.all([
      migrate(database, { pgmqSql: readPgmqSql, signal: never }),
      migrate(second, { pgmqSql: readPgmqSql, signal: never }),
    ]);
    expect(results.flatMap(({ applied }) => applied).toSorted()).toEqual(names);
    const third = await migrate(database, { pgmqSql: readPgmqSql, signal: never });
    expect(third).toEqual({
      applied: [],
      alreadyThere: names,
      done: [],
      notices: [],
      problems: [],
      enqueueTrigger: false,
    });
    expect(await problems()).toEqual([]);
  });

  it("leaves the app's tables as they are unless the trigger is asked for", async () => {
    await database.sql.unsafe(appSchemaSql);
    const describeTables = () => database.sql`
      select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull,
        (select count(*)::int from pg_trigger as t where t.tgrelid = c.oid and not t.tgisinternal) as triggers
      from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
      where c.relnamespace = 'public'::regnamespace order by 1, 2`;
    const before = await describeTables();
    await migrate(database, { pgmqSql: readPgmqSql, signal: never });
    expect(await describeTables()).toEqual(before);
    await migrate(database, { pgmqSql: readPgmqSql, signal: never, enqueueTrigger: true });
    await migrate(database, { pgmqSql: readPgmqSql, signal: never, enqueueTrigger: true });
    const [capsules] = await database.sql`
      select count(*)::int as triggers from pg_trigger
      where tgrelid = 'public.capsules'::regclass and not tgisinternal`;
    expect(capsules).toEqual({ triggers: 2 });
  });

  it("rejects a database with newer migrations, and changes nothing", async () => {
    await migrate(database, { pgmqSql: readPgmqSql, signal: never });
    await database.sql`insert into keepsake.migrations (name, sha256) values ('999_later.sql', 'x')`;
    await expect(migrate(database, { pgmqSql: readPgmqSql, signal: never })).rejects.toMatchObject({
      code: "database-newer",
      fault: "setup",
    });
    expect(await problems()).toContain("database-newer");
  });

  it("rejects a migration whose hash differs", async () => {
    await migrate(database, { pgmqSql: readPgmqSql, signal: never });
    await database.sql`update keepsake.migrations set sha256 = 'other' where name = '003_job_parts.sql'`;
    await expect(migrate(database, { pgmqSql: readPgmqSql, signal: never })).rejects.toMatchObject({
      code: "migration-changed",
    });
  });

  it("rolls back a migration that fails half-way", async () => {
    await database.sql.unsafe("create schema keepsake; create table keepsake.workers (name text)");
    await expect(migrate(database, { pgmqSql: readPgmqSql, signal: never })).rejects.toThrow(/workers/);
    const [row] = await database.sql`
      select to_regclass('keepsake.films') as films,
        (select array_to_string(array_agg(name), ',') from keepsake.migrations) as recorded`;
    expect(row).toEqual({ films: null, recorded: "001_queues.sql" });
  });

  it("replaces functions of the guide's names that an app created with other result types", async () => {
    await database.sql.unsafe(`
      create function public.get_video_queue_status() returns json language sql as 'select null::json';
      create function public.add_video_generation_job(id uuid) returns void language sql as 'select null';`);
    await migrate(database, { pgmqSql: readPgmqSql, signal: never });
    const [row] = await database.sql`select queue_name, pending_count from get_video_queue_status()`;
    expect(row).toEqual({ queue_name: "video_jobs_queue", pending_count: 0n });
  });

  it("creates the bucket where there is a Storage, and leaves an existing one alone", async () => {
    await database.sql.unsafe(`
      create schema storage;
      create table storage.buckets (id text primary key, name text not null, public boolean);`);
    await migrate(database, { pgmqSql: readPgmqSql, signal: never });
    expect(await database.sql`select id, name, public from storage.buckets`).toEqual([
      { id: "videos", name: "videos", public: true },
    ]);
  });

  it("rejects a server without the extension pgmq when it gets no SQL of PGMQ", async () => {
    await expect(migrate(database, { signal: never })).rejects.toMatchObject({
      code: "pgmq-missing",
      message: expect.stringContaining("install it on the server") as string,
    });
  });
});

describe("the printed migrations", () => {
  it("the printed migrations create the same database, and migrate recognises it", async () => {
    await database.sql.unsafe("create schema pgmq");
    // Supabase has these functions in an extension.
    await database.sql.unsafe(await readPgmqSql());
    await database.sql.unsafe(appSchemaSql);
    await database.sql.unsafe(await printMigrations({ enqueueTrigger: false, bucket: "videos" }));
    expect((await migrate(database, { pgmqSql: readPgmqSql, signal: never })).applied).toEqual([]);
    expect(await problems()).toEqual([]);
  });
});

describe("a role that is not a superuser", () => {
  it("a role without superuser rights migrates its own database, and workers and users can do only what they are granted", async () => {
    const { sql } = database;
    const owner = `owner_${new URL(test.url).pathname.slice(1)}`;
    // The role is like Supabase's role postgres: https://github.com/supabase/postgres
    await sql.unsafe(`
      create role ${owner} login createrole createdb bypassrls nosuperuser password 'x';
      grant pg_monitor to ${owner};
      alter database ${new URL(test.url).pathname.slice(1)} owner to ${owner};
      alter schema public owner to ${owner}`);
    const url = new URL(test.url);
    url.username = owner;
    url.password = "x";
    try {
      await using asOwner = openDatabase(url.href);
      await asOwner.sql.unsafe("create schema pgmq");
      // An administrator's part: the script grants to pg_monitor.
      await sql.unsafe(await readPgmqSql());
      await sql.unsafe(`
        grant all on schema pgmq to ${owner};
        grant all on all tables in schema pgmq to ${owner};
        grant all on all sequences in schema pgmq to ${owner}`);
      await asOwner.sql.unsafe(appSchemaSql);
      const result = await migrate(asOwner, { pgmqSql: readPgmqSql, signal: never, enqueueTrigger: true });
      expect(result.applied).not.toEqual([]);
      expect(await checkDatabase(asOwner, never)).toEqual([]);

      const as = async (role: string, statement: string): Promise<unknown> =>
        await sql.begin(async (transaction) => {
          await transaction.unsafe(`set local role ${role}`);
          return await transaction.unsafe(statement);
        });
      await asOwner.sql`insert into public.capsules (id, status) values ('5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10', 'closed')`;
      await sql`grant select on public.capsules to authenticated`;
      await expect(
        as("authenticated", "select public.add_video_generation_job('5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10')"),
      ).resolves.toHaveLength(1);
      await expect(as("keepsake_worker", "select * from keepsake.claim('w')")).resolves.toHaveLength(1);
      await expect(as("service_role", "select keepsake.pause()")).resolves.toHaveLength(1);
      for (const [role, statement] of [
        ["anon", "select public.get_video_queue_status()"],
        ["anon", "select public.add_video_generation_job(gen_random_uuid())"],
        ["authenticated", "select * from keepsake.claim('w')"],
        ["authenticated", "select keepsake.pause()"],
        ["keepsake_worker", "select keepsake.pause()"],
        ["keepsake_worker", "select keepsake.dead_letter_job(1, '', '', '')"],
        ["keepsake_worker", "select * from keepsake.attempts"],
        ["keepsake_worker", "update public.capsules set status = 'completed'"],
        ["service_role", "select * from keepsake.films"],
      ] as const) {
        await expect(as(role, statement), `${role}: ${statement}`).rejects.toThrow(/permission denied/);
      }
    } finally {
      await sql.unsafe(`
        reassign owned by ${owner} to postgres;
        drop owned by ${owner};
        drop role ${owner}`);
    }
  });
});

describe("checkDatabase", () => {
  it("checkDatabase names everything that is missing and changes nothing", async () => {
    expect(await problems()).toEqual(["pgmq-missing", "table-missing", "table-missing", "schema-missing"]);
    const [row] = await database.sql`
      select to_regnamespace('pgmq') as pgmq, to_regnamespace('keepsake') as keepsake`;
    expect(row).toEqual({ pgmq: null, keepsake: null });
  });

  it("checkDatabase names missing columns and an id of another type", async () => {
    await migrate(database, { pgmqSql: readPgmqSql, signal: never });
    await database.sql.unsafe(`
      create table public.capsules (id text primary key, status text);
      create table public.messages (id uuid, capsule_id text, content_text text, submitted_at timestamp);`);
    const found = await checkDatabase(database, never);
    expect(found.map(({ code }) => code)).toEqual([
      "column-missing",
      "column-missing",
      "column-unusable",
      "column-unusable",
    ]);
    expect(must(found[0]).message).toContain("final_video_url");
    expect(must(found[1]).message).toContain(
      "content_audio_url, content_video_url, content_image_url, contributor_name",
    );
  });

  it("checkDatabase names a missing migration and dropped queues", async () => {
    await database.sql.unsafe(appSchemaSql);
    await migrate(database, { pgmqSql: readPgmqSql, signal: never });
    await database.sql`delete from keepsake.migrations where name = '012_grants.sql'`;
    await database.sql`select pgmq.drop_queue('video_jobs_dlq'::text)`;
    expect(await problems()).toEqual(["schema-outdated", "queue-missing"]);
  });

  it("checkDatabase explains that a server is out of reach or rejects the password", async () => {
    await using nobody = openDatabase("postgres://postgres:x@127.0.0.1:1/postgres");
    await expect(checkDatabase(nobody, never)).rejects.toMatchObject({ code: "database-unreachable" });
    const url = new URL(inject("databaseServerUrl"));
    url.password = "wrong";
    await using denied = openDatabase(url.href);
    const rejection = await checkDatabase(denied, never).catch((error: unknown) => error);
    expect(rejection).toMatchObject({ code: "database-refused", fault: "setup" });
    expect(String(rejection)).not.toContain("wrong");
  });
});
