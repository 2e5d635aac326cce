/**
 * Tests what can be lost outside the schema `keepsake`, what `keepsake doctor` reports, and that `keepsake migrate` then does
 * what was said, once: on PGMQ as a real extension, for a role that is no superuser.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { checkDatabase } from "../../../dist/database/check-database.js";
import { describeGaps } from "../../../dist/database/describe-gaps.js";
import { migrate, type MigrateResult } from "../../../dist/database/migrate.js";
import { readPgmqSql } from "../../../dist/embedded/pgmq-sql.js";
import { readCatalogs } from "../../../dist/database/read-catalogs.js";
import { claimJob } from "../../../dist/queue/claim-job.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { filmFor, must, never } from "../queue/queue-rig.js";
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

/** Returns the findings of doctor, each with its code where a worker does not start. */
async function findings(): Promise<string[]> {
  const problems = await checkDatabase(database.asOwner, never);
  const gaps = describeGaps(await readCatalogs(database.asOwner, never));
  return [...problems.map(({ code, message }) => `${code}: ${message}`), ...gaps];
}

async function bringBack(bucket: string | null = "videos"): Promise<MigrateResult> {
  return await migrate(database.asOwner, { pgmqSql: readPgmqSql, signal: never, bucket });
}

async function publishOne(): Promise<void> {
  const { sql } = database.asOwner;
  const [capsule] = await sql<{ id: string }[]>`
    insert into public.capsules (status) values ('closed') returning id`;
  const { id } = must(capsule);
  await sql`select public.add_video_generation_job(${id}::uuid)`;
  const job = must(await claimJob(database.asOwner, "worker", 120));
  expect(await acquireCapsule(database.asOwner, job, id)).toBe("acquired");
  expect(await publishFilm(database.asOwner, job, await filmFor(sql, id))).toBe("published");
}

interface Loss {
  /** Run by a superuser, after a first `keepsake migrate`. */
  readonly damage: string;
  readonly says: readonly RegExp[];
  readonly done: readonly (string | RegExp)[];
}

const queuesDone = [
  "created the queue video_jobs_queue",
  "created the queue video_jobs_dlq",
  "created the index keepsake_jobs_of_capsule",
  "created the index keepsake_dead_letters_of_capsule",
];
const guarded = (...tables: readonly string[]): string[] =>
  tables.map((table) => `enabled row security on pgmq.${table}`);
const allGuarded = guarded(
  "a_video_jobs_dlq",
  "a_video_jobs_queue",
  "q_video_jobs_dlq",
  "q_video_jobs_queue",
);
const guideNamesDone = [
  "created pgmq.receive(text,integer,integer)",
  "created pgmq.size(text)",
  "created pgmq.purge(text)",
];
const indexesMissing =
  /^The queues lack the indexes keepsake_dead_letters_of_capsule, keepsake_jobs_of_capsule: run `keepsake migrate`, which creates them/;

const losses: Readonly<Record<string, Loss>> = {
  "both queues": {
    damage: "select pgmq.drop_queue('video_jobs_queue'::text), pgmq.drop_queue('video_jobs_dlq'::text)",
    says: [
      /^queue-missing: The queues video_jobs_queue and video_jobs_dlq are missing, or their archives: run `keepsake migrate`, which creates them/,
      indexesMissing,
    ],
    done: [...queuesDone, ...allGuarded],
  },
  "the dead letters": {
    damage: "select pgmq.drop_queue('video_jobs_dlq'::text)",
    says: [/^queue-missing: The queue video_jobs_dlq is missing/, /keepsake_dead_letters_of_capsule/],
    done: [
      "created the queue video_jobs_dlq",
      "created the index keepsake_dead_letters_of_capsule",
      ...guarded("a_video_jobs_dlq", "q_video_jobs_dlq"),
    ],
  },
  "an archive": {
    damage: "drop table pgmq.a_video_jobs_queue",
    says: [/^queue-missing: The queue video_jobs_queue is missing, or its archive/],
    done: ["completed the queue video_jobs_queue: its archive was missing", ...guarded("a_video_jobs_queue")],
  },
  "columns, as by a restore of an older PGMQ's tables": {
    damage: `alter table pgmq.q_video_jobs_queue drop column headers, drop column last_read_at;
      alter table pgmq.a_video_jobs_queue drop column headers`,
    says: [
      /^queue-missing: The queues' tables were created by an older PGMQ and lack pgmq.a_video_jobs_queue.headers, pgmq.q_video_jobs_queue.last_read_at, pgmq.q_video_jobs_queue.headers: run `keepsake migrate`, which adds them/,
    ],
    done: [
      "completed the table pgmq.a_video_jobs_queue: add column headers jsonb",
      "completed the table pgmq.q_video_jobs_queue: add column last_read_at timestamp with time zone, add column headers jsonb",
    ],
  },
  "a row of pgmq.meta, as by a restore": {
    damage: "delete from pgmq.meta where queue_name = 'video_jobs_queue'",
    // Only PGMQ's own updates need it.
    says: [],
    done: ["completed the queue video_jobs_queue: its entry in pgmq.meta was missing"],
  },
  "the extension with all that it holds, as by a dump of the app's schemas": {
    damage: "drop extension pgmq cascade; drop schema pgmq cascade",
    says: [
      /^pgmq-missing: The database has no PGMQ yet: run `keepsake migrate`, which creates the extension and both queues/,
      /^queue-missing: /,
      /^These functions of the integration guide are missing: pgmq.purge, pgmq.receive, pgmq.size. Run `keepsake migrate`/,
      indexesMissing,
    ],
    done: ["created the extension pgmq", ...queuesDone, ...allGuarded, ...guideNamesDone],
  },
  "the extension but not its schema": {
    damage:
      "drop extension pgmq cascade; drop table if exists pgmq.q_video_jobs_queue, pgmq.a_video_jobs_queue",
    says: [
      /^pgmq-missing: /,
      /^queue-missing: The queue video_jobs_queue is missing/,
      /keepsake_jobs_of_capsule/,
    ],
    done: [
      "created the extension pgmq",
      "created the queue video_jobs_queue",
      "completed the queue video_jobs_dlq: its entry in pgmq.meta was missing",
      "created the index keepsake_jobs_of_capsule",
      ...guarded("a_video_jobs_queue", "q_video_jobs_queue"),
    ],
  },
  "the guide's pgmq.receive": {
    damage: "drop function pgmq.receive(text, integer, integer)",
    says: [/^These functions of the integration guide are missing: pgmq.receive. Run `keepsake migrate`/],
    done: ["created pgmq.receive(text,integer,integer)"],
  },
  "all of the guide's names": {
    damage: `drop function pgmq.receive(text, integer, integer), pgmq.size(text), pgmq.purge(text),
      public.get_video_queue_status(), public.add_video_generation_job(uuid), public.keepsake_call(text, jsonb)`,
    says: [
      /^These functions of the integration guide are missing: pgmq.purge, pgmq.receive, pgmq.size, public.add_video_generation_job, public.get_video_queue_status, public.keepsake_call\. /,
    ],
    done: [
      "created public.get_video_queue_status()",
      "created public.add_video_generation_job(uuid)",
      "created public.keepsake_call(text,jsonb)",
      ...guideNamesDone,
      "granted authenticated: public.add_video_generation_job(uuid), public.get_video_queue_status()",
      "granted service_role: public.add_video_generation_job(uuid), public.get_video_queue_status(), public.keepsake_call(text,jsonb)",
    ],
  },
  "an index": {
    damage: "drop index pgmq.keepsake_jobs_of_capsule",
    says: [/^The queues lack the indexes keepsake_jobs_of_capsule: run `keepsake migrate`/],
    done: ["created the index keepsake_jobs_of_capsule"],
  },
  "an index, which is a renamed queue's": {
    damage:
      "alter table pgmq.q_video_jobs_queue rename to q_old; alter table pgmq.a_video_jobs_queue rename to a_old",
    says: [/^queue-missing: /, /keepsake_jobs_of_capsule/],
    done: [
      "created the queue video_jobs_queue",
      "created the index keepsake_jobs_of_capsule",
      ...guarded("a_video_jobs_queue", "q_video_jobs_queue"),
    ],
  },
  "all rights, as by a restore without them": {
    damage: `
      revoke all on all functions in schema keepsake from keepsake_worker, service_role;
      revoke all on schema keepsake from keepsake_worker, service_role;
      grant execute on all functions in schema keepsake to public;
      grant execute on function public.keepsake_call(text, jsonb) to anon`,
    says: [
      /^keepsake_worker, service_role may not call Keepsake's functions: run `keepsake migrate`, which grants it/,
    ],
    done: [
      /^granted keepsake_worker: \d+ rights$/,
      /^granted service_role: \d+ rights$/,
      "revoked from anon: public.keepsake_call(text,jsonb)",
      /^revoked from public: \d+ rights$/,
    ],
  },
};

describe("keepsake migrate brings back", () => {
  it.each(Object.entries(losses))("%s", async (_what, { damage, says, done }) => {
    await bringBack();
    expect(await findings()).toEqual([]);
    await database.asSuperuser.sql.unsafe(damage);
    const found = await findings();
    expect(found).toEqual(says.map((pattern) => expect.stringMatching(pattern)));

    const result = await bringBack();
    expect(result).toMatchObject({ applied: [], notices: [], problems: [] });
    expect(result.done).toEqual(
      done.map((one) => (typeof one === "string" ? one : expect.stringMatching(one))),
    );
    expect(await findings()).toEqual([]);
    expect((await bringBack()).done).toEqual([]);
    await publishOne();
  });
});

describe("keepsake migrate", () => {
  it("creates the extension of a fresh database, as doctor says", async () => {
    expect(await findings()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^pgmq-missing: .*run `keepsake migrate`, which creates the extension/),
        expect.stringMatching(/^schema-missing: .*run `keepsake migrate`/),
      ]),
    );
    const { applied, done, notices } = await bringBack();
    expect(applied).not.toEqual([]);
    expect(done).toEqual(
      expect.arrayContaining(["created the extension pgmq", ...queuesDone, ...allGuarded, ...guideNamesDone]),
    );
    // No function was ever open to everybody: each migration that makes some takes that away itself.
    expect(done.filter((sentence) => sentence.startsWith("took"))).toEqual([]);
    expect(notices).toEqual([]);
    expect(await findings()).toEqual([]);
    await publishOne();
  });

  it("creates the set bucket where there is a Storage, and none where films are stored elsewhere", async () => {
    await bringBack("films");
    await database.asOwner.sql.unsafe(`
      create schema storage;
      create table storage.buckets (id text primary key, name text not null unique, public boolean)`);
    expect((await bringBack(null)).done).toEqual([]);
    expect((await bringBack("films")).done).toEqual(["created the public bucket films"]);
    expect((await bringBack()).done).toEqual(["created the public bucket videos"]);
    await database.asOwner.sql`delete from storage.buckets where id = 'films'`;
    expect((await bringBack("films")).done).toEqual(["created the public bucket films"]);
    expect((await bringBack("films")).done).toEqual([]);
    expect(await database.asOwner.sql`select id, name, public from storage.buckets order by id`).toEqual([
      { id: "films", name: "films", public: true },
      { id: "videos", name: "videos", public: true },
    ]);
  });

  it("creates a private bucket on request, and changes an existing one only on another request", async () => {
    await bringBack(null);
    const { sql } = database.asOwner;
    await sql.unsafe(`
      create schema storage;
      create table storage.buckets (id text primary key, name text not null unique, public boolean)`);
    const run = async (privateBucket: "new" | "existing" | null, bucket = "films"): Promise<MigrateResult> =>
      await migrate(database.asOwner, { pgmqSql: readPgmqSql, signal: never, bucket, privateBucket });
    const isPublic = async (): Promise<unknown> =>
      (await sql`select public from storage.buckets where id = 'films'`)[0]?.["public"];
    expect((await run("new")).done).toEqual(["created the private bucket films"]);
    expect(await isPublic()).toBe(false);
    expect((await run("new")).notices).toEqual([]);
    await sql`update storage.buckets set public = true`;
    const kept = await run("new");
    expect(kept.done).toEqual([]);
    expect(kept.notices.join()).toContain("keepsake migrate --make-private");
    expect(await isPublic()).toBe(true);
    expect((await run("existing")).done).toEqual(["made the bucket films private"]);
    expect((await run("existing")).done).toEqual([]);
    // Who does not ask for it does not make it public again.
    expect((await run(null)).done).toEqual([]);
    expect(await isPublic()).toBe(false);
    expect((await run("existing", "other")).done).toEqual(["created the private bucket other"]);
  });

  it("names who has to create the extension where this role may not, and creates nothing", async () => {
    await database.asSuperuser.sql.unsafe(`
      create function public.refuse() returns event_trigger language plpgsql as $$
      begin raise exception 'not for you' using errcode = 'insufficient_privilege'; end $$;
      create event trigger refuse on ddl_command_start when tag in ('CREATE EXTENSION') execute function public.refuse()`);
    await expect(bringBack()).rejects.toMatchObject({
      code: "database-refused",
      fault: "setup",
      message: expect.stringMatching(
        /the extension pgmq cannot be created here \(not for you\): on Supabase enable Queues under Integrations, elsewhere .* `create extension pgmq/,
      ),
    });
    const [made] = await database.asOwner.sql`select to_regnamespace('keepsake') as keepsake`;
    expect(made).toEqual({ keepsake: null });
  });

  it("leaves an app's functions of the guide's names in place", async () => {
    await bringBack();
    await database.asOwner.sql.unsafe(`
      create or replace function public.add_video_generation_job(capsule_id uuid) returns bigint
      language sql as 'select keepsake.enqueue($1) as checked'`);
    expect((await bringBack()).done).toEqual([]);
    const [row] = await database.asOwner.sql`
      select prosrc from pg_proc where proname = 'add_video_generation_job'`;
    expect(row).toEqual({ prosrc: "select keepsake.enqueue($1) as checked" });
  });

  it("replaces Keepsake's earlier pgmq.receive, whose result type an update of PGMQ drops", async () => {
    await database.asOwner.sql.unsafe(`
      create schema pgmq; create extension pgmq schema pgmq;
      create function pgmq.receive(queue_name text, qty integer, vt integer)
      returns setof pgmq.message_record language plpgsql set search_path = ''
      as $alias$
      begin
        return query select r.* from pgmq.read(queue_name::text, vt::integer, qty::integer) as r;
      end
      $alias$`);
    expect((await bringBack()).done).toContain("created pgmq.receive(text,integer,integer)");
    expect((await bringBack()).done).toEqual([]);
  });

  it("names the rights on the queues' tables that are missing, and the statements that grant them", async () => {
    const { sql } = database.asSuperuser;
    await sql.unsafe(`
      create schema pgmq; create extension pgmq schema pgmq;
      select pgmq.create('video_jobs_queue'::text), pgmq.create('video_jobs_dlq'::text);
      revoke select on all tables in schema pgmq from pg_monitor;
      grant usage on schema pgmq to app_owner`);
    const { problems, notices } = await bringBack();
    expect(problems).toEqual([
      {
        code: "rights-missing",
        message: expect.stringContaining(
          "The role app_owner, which Keepsake's functions run as, lacks rights in PGMQ: select, insert on pgmq.a_video_jobs_dlq; ",
        ),
      },
    ]);
    expect(notices.join()).not.toContain("All works");
    expect(await checkDatabase(database.asOwner, never)).toEqual(problems);
    // Its statements are sufficient.
    const grants = must(problems[0]).message.split(" run: ")[1];
    await sql.unsafe(must(grants));
    expect((await bringBack()).problems).toEqual([]);
    expect(await checkDatabase(database.asOwner, never)).toEqual([]);
    await publishOne();
  });
});
