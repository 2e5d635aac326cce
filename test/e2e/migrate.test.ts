import { randomBytes } from "node:crypto";

import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openTestDatabase, type TestDatabase } from "../database.js";
import { keepsake, lastJson } from "./keepsake.js";

let database: TestDatabase;
let sql: postgres.Sql;
let settings: Record<string, string>;
beforeEach(async () => {
  database = await openTestDatabase();
  sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
  settings = { DATABASE_URL: database.url };
});
afterEach(async () => {
  await sql.end();
  await database[Symbol.asyncDispose]();
});

async function migrate(...args: string[]): Promise<string[]> {
  const ran = await keepsake(["migrate", ...args], settings);
  expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
  return ran.stdout.trim().split("\n");
}

describe("keepsake migrate", () => {
  it("reports what it restored, and reports up to date only where nothing was missing", async () => {
    expect(await migrate()).toEqual(["The database is up to date."]);
    await sql.unsafe(`
      select pgmq.drop_queue('video_jobs_dlq'::text);
      drop function pgmq.receive(text, integer, integer);
      create schema storage;
      create table storage.buckets (id text primary key, name text not null unique, public boolean)`);
    settings["KEEPSAKE_BUCKET"] = "films";
    expect(await migrate()).toEqual([
      "created the queue video_jobs_dlq",
      "created the index keepsake_dead_letters_of_capsule",
      "enabled row security on pgmq.a_video_jobs_dlq",
      "enabled row security on pgmq.q_video_jobs_dlq",
      "created pgmq.receive(text,integer,integer)",
      "created the public bucket films",
    ]);
    expect(await migrate()).toEqual(["The database is up to date."]);
  });

  it("reports with --json what it did, and whether closing a capsule enqueues it", async () => {
    const plain = lastJson(await keepsake(["migrate", "--json"], settings));
    expect(plain).toMatchObject({ applied: [], done: [], notices: [], problems: [], enqueueTrigger: false });
    const asked = lastJson(await keepsake(["migrate", "--enqueue-trigger", "--json"], settings));
    expect(asked).toMatchObject({
      done: ["created the trigger keepsake_enqueue_inserted", "created the trigger keepsake_enqueue_closed"],
      enqueueTrigger: true,
    });
    expect(await migrate()).toEqual([
      "The database is up to date.",
      "A capsule is enqueued when its status becomes closed.",
    ]);
  });

  it("ends with exit code 3 and the statement to run where rights on the queues are missing", async () => {
    const guest = `guest_${randomBytes(4).toString("hex")}`;
    const url = new URL(database.url);
    const name = url.pathname.slice(1);
    await sql.unsafe(`
      create role ${guest} login createrole bypassrls nosuperuser password 'x';
      alter database ${name} owner to ${guest};
      alter schema public owner to ${guest};
      drop schema keepsake cascade;
      drop function public.keepsake_call(text, jsonb);
      alter table public.capsules owner to ${guest};
      alter table public.messages owner to ${guest};
      grant usage on schema pgmq to ${guest}`);
    url.username = guest;
    url.password = "x";
    try {
      const ran = await keepsake(["migrate"], { DATABASE_URL: url.href });
      expect(ran, ran.stderr).toMatchObject({ exitCode: 3 });
      expect(ran.stdout).toContain("applied 014_set_up.sql");
      expect(ran.stdout).not.toContain("up to date");
      const [, grant = ""] = /Let postgres run: (grant .*;)$/m.exec(ran.stdout) ?? [];
      expect(grant).toContain("grant select, insert, update, delete on pgmq.a_video_jobs_dlq");
      await sql.unsafe(grant);
      const again = await keepsake(["migrate"], { DATABASE_URL: url.href });
      expect(again, again.stdout).toMatchObject({ exitCode: 0 });
    } finally {
      await sql.unsafe(`reassign owned by ${guest} to postgres; drop owned by ${guest}; drop role ${guest}`);
    }
  });
});
