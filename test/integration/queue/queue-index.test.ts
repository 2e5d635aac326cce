import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { appSchemaSql } from "../../../dist/embedded/app-schema.js";
import { readPgmqSql } from "../../../dist/embedded/pgmq-sql.js";
import { checkDatabase } from "../../../dist/database/check-database.js";
import { claimJob } from "../../../dist/queue/claim-job.js";
import { migrate } from "../../../dist/database/migrate.js";
import { openDatabase } from "../../../dist/database/open-database.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { openTestDatabase } from "../../database.js";
import { filmFor, must, never, openQueueRig, type QueueRig } from "./queue-rig.js";

let rig: QueueRig;
beforeAll(async () => {
  rig = await openQueueRig();
  await rig.sql`
    select pgmq.send('video_jobs_queue'::text, jsonb_build_object('capsule_id', gen_random_uuid(), 'job_type', 'x'))
    from generate_series(1, 5000)`;
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

async function planOf(query: string): Promise<string> {
  const rows = await rig.sql.unsafe(`explain (costs off) ${query}`);
  return rows.map((row) => String(row["QUERY PLAN"])).join("\n");
}

describe("the index of the queue by capsule", () => {
  it("finds the jobs and the dead letters of one capsule", async () => {
    // This runs as autovacuum does: the index's function has no search path of a caller.
    await rig.sql.begin(async (sql) => {
      await sql`set local search_path = ''`;
      await sql`analyze pgmq.q_video_jobs_queue`;
      await sql`reindex table pgmq.q_video_jobs_queue`;
    });
    const one = "'5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10'::uuid";
    const jobs = "pgmq.q_video_jobs_queue as job where keepsake.capsule_of(job.message)";
    expect(await planOf(`select 1 from ${jobs} = ${one}`)).toContain("keepsake_jobs_of_capsule");
    expect(await planOf(`select 1 from ${jobs} = ${one} order by msg_id for update`)).toContain(
      "keepsake_jobs_of_capsule",
    );
    const [letters] =
      await rig.sql`select to_regclass('pgmq.keepsake_dead_letters_of_capsule') is not null as there`;
    expect(letters).toEqual({ there: true });
  });

  it.each([
    ["an object", { capsule_id: "5F0C7A52-0000-4A54-9D0B-6D1F3D4C9A10" }],
    ["an object in a string", JSON.stringify({ capsule_id: "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10" })],
  ])("capsule_of finds the capsule of %s", async (_what, message) => {
    const json = JSON.stringify(message);
    const [row] = await rig.sql`select keepsake.capsule_of((${json}::text)::jsonb) as id`;
    expect(row).toEqual({ id: "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10" });
  });

  it.each([
    ["no id", {}],
    ["an id in another form", { capsule_id: "{5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10}" }],
    ["a number", 7],
    ["a list", [1]],
    ["nothing", null],
    ["a string that is no JSON", "not { json"],
    ["a string of JSON with a zero character", '{"capsule_id": "\\u0000"}'],
    ["a string of lists without end", "[".repeat(100_000) + "]".repeat(100_000)],
    ["a megabyte of id", { capsule_id: "5".repeat(1_000_000) }],
  ])("capsule_of finds no capsule in a message with %s", async (_what, message) => {
    const json = JSON.stringify(message);
    const [row] = await rig.sql<{ capsule: string | null }[]>`
      with sent as (select pgmq.send('video_jobs_queue'::text, (${json}::text)::jsonb) as id)
      select keepsake.capsule_of((${json}::text)::jsonb) as capsule from sent`;
    expect(row).toEqual({ capsule: null });
  });

  it("a role without rights on the schema keepsake can send jobs", async () => {
    const sender = `sender_${randomBytes(4).toString("hex")}`;
    await rig.sql.unsafe(`
      create role ${sender};
      grant usage on schema pgmq to ${sender};
      grant select, insert, update, delete on all tables in schema pgmq to ${sender};
      alter table pgmq.q_video_jobs_queue disable row level security`);
    // Row security is for the app's clients: who was granted rights by name before it was turned on keeps them.
    const { done } = await migrate(rig.direct, { signal: never });
    expect(done).toEqual(["enabled row security on pgmq.q_video_jobs_queue"]);
    try {
      await rig.sql.begin(async (sql) => {
        await sql.unsafe(`set local role ${sender}`);
        await sql`select pgmq.send('video_jobs_queue'::text, '{"capsule_id": "x"}'::jsonb)`;
        expect(
          await sql`select msg_id from pgmq.read('video_jobs_queue'::text, 1::integer, 1::integer)`,
        ).toHaveLength(1);
      });
    } finally {
      await rig.sql.unsafe(`drop owned by ${sender}; drop role ${sender}`);
    }
  });

  it("the index of the queue stays when the queue is purged and is dropped with it", async () => {
    const there = async () => {
      const [row] = await rig.sql`select to_regclass('pgmq.keepsake_jobs_of_capsule') is not null as there`;
      return row?.["there"] as boolean;
    };
    await rig.sql`select pgmq.purge_queue('video_jobs_queue'::text)`;
    expect(await there()).toBe(true);
    await rig.sql`select pgmq.drop_queue('video_jobs_queue'::text)`;
    await rig.sql`select pgmq.create('video_jobs_queue'::text)`;
    expect(await there()).toBe(false);
    expect(await migrate(rig.direct, { signal: never })).toMatchObject({ applied: [], notices: [] });
    expect(await there()).toBe(true);
  });
});

it("a role that owns neither PGMQ nor its queues migrates and works, and learns what is missing", async () => {
  await using test = await openTestDatabase("template0");
  await using asAdministrator = openDatabase(test.url);
  const guest = `guest_${randomBytes(4).toString("hex")}`;
  const { sql } = asAdministrator;
  await sql.unsafe("create schema pgmq");
  await sql.unsafe(await readPgmqSql());
  await sql`select pgmq.create('video_jobs_queue'::text)`;
  await sql`select pgmq.create('video_jobs_dlq'::text)`;
  const url = new URL(test.url);
  await sql.unsafe(`
    create role ${guest} login createrole nosuperuser password 'x';
    alter database ${url.pathname.slice(1)} owner to ${guest};
    alter schema public owner to ${guest};
    grant usage on schema pgmq to ${guest};
    grant select, insert, update, delete on all tables in schema pgmq to ${guest}`);
  url.username = guest;
  url.password = "x";
  try {
    await using asGuest = openDatabase(url.href);
    await asGuest.sql.unsafe(appSchemaSql);
    const { notices } = await migrate(asGuest, { signal: never });
    expect(notices).toEqual(
      expect.arrayContaining([
        expect.stringContaining("were not indexed by capsule"),
        expect.stringContaining("The guide's names pgmq.receive, size and purge were not created"),
      ]),
    );
    expect(await checkDatabase(asGuest, never)).toEqual([]);
    const [capsule] = await asGuest.sql<{ id: string }[]>`
      insert into public.capsules (status) values ('closed') returning id`;
    const { id } = must(capsule);
    await asGuest.sql`select keepsake.enqueue(${id}::uuid)`;
    const job = must(await claimJob(asGuest, "worker", 120));
    expect(await acquireCapsule(asGuest, job, id)).toBe("acquired");
    expect(await publishFilm(asGuest, job, await filmFor(asGuest.sql, id))).toBe("published");
  } finally {
    await sql.unsafe(`reassign owned by ${guest} to postgres; drop owned by ${guest}; drop role ${guest}`);
  }
});
