/** A worker that logs in as a member of `keepsake_worker` and nothing else. */
import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { loadCapsule } from "../../../dist/capsule/load.js";
import { checkDatabase } from "../../../dist/database/check-database.js";
import { openDatabase, type PostgresDatabase } from "../../../dist/database/open-database.js";
import { filmOf, must, never, openQueueRig, payloadFor, type QueueRig } from "./queue-rig.js";
import { runConsumer } from "./run-consumer.js";

const role = `worker_${randomBytes(4).toString("hex")}`;

let rig: QueueRig;
let worker: PostgresDatabase;
beforeAll(async () => {
  rig = await openQueueRig();
  // The statements are those of docs/database.md.
  await rig.sql.unsafe(`create role ${role} login password 'x' in role keepsake_worker`);
  const url = new URL(rig.url);
  url.username = role;
  url.password = "x";
  worker = openDatabase(url.href);
});
beforeEach(async () => {
  await rig.clear();
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await rig.sql.unsafe(`drop role ${role}`);
  await rig[Symbol.asyncDispose]();
});

describe("a worker of least rights", () => {
  it("a worker of least rights finds its database ready", async () => {
    expect(await checkDatabase(worker, never)).toEqual([]);
  });

  it("a worker of least rights claims, reads, sends heartbeats, publishes and finishes", async () => {
    const capsuleId = await rig.addCapsule();
    await rig.send(payloadFor(capsuleId));
    await rig.send(payloadFor(await rig.addCapsule()));
    await using consumer = runConsumer(worker, async (attempt) => {
      if (attempt.capsuleId !== capsuleId) throw new Error("a bug");
      const { content, digest } = await loadCapsule(worker, capsuleId, attempt.signal);
      expect(content.messages).toHaveLength(1);
      expect(await attempt.findPublished()).toBeNull();
      await attempt.fence();
      return { outcome: "published", film: { ...filmOf(capsuleId), contentDigest: digest } };
    });
    const ends = [await consumer.ended(), await consumer.ended()];
    expect(ends.map(({ outcome }) => outcome).toSorted()).toEqual(["crashed", "published"]);
    const [capsule] = await rig.sql`select status from public.capsules where id = ${capsuleId}::uuid`;
    expect(capsule).toEqual({ status: "completed" });
  });

  it("a worker of least rights may execute what a worker calls, and no other function of Keepsake", async () => {
    const rows = await rig.sql<{ name: string }[]>`
      select n.nspname || '.' || p.proname as name
      from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
      where n.nspname in ('keepsake', 'public') and has_function_privilege(${role}, p.oid, 'execute')
        and has_schema_privilege(${role}, n.oid, 'usage')
      order by 1`;
    expect(rows.map(({ name }) => name)).toEqual([
      "keepsake.acquire",
      "keepsake.applied_migrations",
      "keepsake.call",
      "keepsake.capsule_content",
      "keepsake.capsule_of",
      "keepsake.catalogs",
      "keepsake.claim",
      "keepsake.claim_removals",
      "keepsake.finish",
      "keepsake.finish_removal",
      "keepsake.forgotten_since",
      "keepsake.heartbeat",
      "keepsake.newest_media",
      "keepsake.prune",
      "keepsake.publish",
      "keepsake.published_film",
      "keepsake.register_worker",
      "keepsake.report_outage",
      "keepsake.sweep",
      "keepsake.try_publish",
      "keepsake.unregister_worker",
    ]);
  });

  it("a worker of least rights may access no table", async () => {
    const rows = await rig.sql<{ name: string }[]>`
      select n.nspname || '.' || c.relname as name
      from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
        and has_schema_privilege(${role}, n.oid, 'usage')
        and has_table_privilege(${role}, c.oid, 'select, insert, update, delete, truncate, references, trigger')`;
    expect(rows).toEqual([]);
  });

  it.each([
    "select * from public.capsules",
    "select * from public.messages",
    "update public.capsules set status = 'completed'",
    "select * from keepsake.films",
    "select * from keepsake.attempts",
    "update keepsake.queue_state set paused_at = null",
    "select * from pgmq.q_video_jobs_queue",
    "select pgmq.read('video_jobs_queue'::text, 30::integer, 1::integer)",
    "select pgmq.archive('video_jobs_queue'::text, 1::bigint)",
    "select pgmq.send('video_jobs_queue'::text, '{}'::jsonb)",
    "select keepsake.pause()",
    "select keepsake.call('pause', '{}')",
    "select keepsake.call('cancel', '{\"capsule_id\": \"5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10\"}')",
    "select keepsake.call('enqueue', '{\"capsule_id\": \"5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10\"}')",
    "select keepsake.call('list_dead_letters', '{}')",
    "select keepsake.call('retry_dead_letters', '{}')",
    "select public.keepsake_call('claim', '{}')",
    "select public.add_video_generation_job('5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10')",
    "select keepsake.begin_forgetting('5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10')",
    "select keepsake.finish_forgetting('5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10', 0)",
    "select keepsake.call('begin_forgetting', '{\"capsule_id\": \"5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10\"}')",
    "select keepsake.delete_records('5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10')",
    "select keepsake.clear_address('5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10')",
    "select keepsake.dead_letter_job(1, '', '', '')",
    "select keepsake.archive_job(1)",
    "select keepsake.close_orphans()",
    "select keepsake.index_queues()",
    "create table public.mine (id integer)",
    "create function keepsake.mine() returns integer language sql as 'select 1'",
  ])("a worker of least rights may not run: %s", async (statement) => {
    await expect(worker.sql.unsafe(statement)).rejects.toThrow(/permission denied/);
  });
});

describe("row security on the app's tables", () => {
  const enforce = `
    alter table public.capsules enable row level security; alter table public.capsules force row level security;
    alter table public.messages enable row level security; alter table public.messages force row level security`;
  const relax = `
    alter table public.capsules no force row level security; alter table public.capsules disable row level security;
    alter table public.messages no force row level security; alter table public.messages disable row level security`;

  it("row security hides no rows from an owner of the functions that may bypass it", async () => {
    const owner = `owner_${randomBytes(4).toString("hex")}`;
    await rig.sql.unsafe(`${enforce}; create role ${owner} bypassrls; ${giveFunctionsTo(owner)}`);
    try {
      expect(await checkDatabase(worker, never)).toEqual([]);
      const capsuleId = await rig.addCapsule();
      await rig.send(payloadFor(capsuleId));
      await using consumer = runConsumer(worker, async ({ signal }) => {
        const { digest } = await loadCapsule(worker, capsuleId, signal);
        return { outcome: "published", film: { ...filmOf(capsuleId), contentDigest: digest } };
      });
      expect(await consumer.ended()).toMatchObject({ outcome: "published" });
    } finally {
      await rig.sql.unsafe(`${relax}; ${restoreFunctionOwner(owner)}`);
    }
  });

  it("row security that would hide rows is reported and not taken for an empty capsule", async () => {
    const owner = `owner_${randomBytes(4).toString("hex")}`;
    await rig.sql.unsafe(`${enforce}; create role ${owner}; ${giveFunctionsTo(owner)}`);
    try {
      const problems = await checkDatabase(worker, never);
      // The app's tables, and those of the queues: the role owns neither.
      expect(problems.map(({ code }) => code)).toEqual(Array.from({ length: 6 }, () => "rows-hidden"));
      expect(must(problems[0]).message).toContain(owner);
      const capsuleId = await rig.addCapsule();
      await expect(loadCapsule(worker, capsuleId, never)).rejects.toMatchObject({ code: "database-refused" });
    } finally {
      await rig.sql.unsafe(`${relax}; ${restoreFunctionOwner(owner)}`);
    }
  });

  /** All that a migration by this role would have made it own, and what it needs of the app's tables and PGMQ's. */
  function giveFunctionsTo(owner: string): string {
    return `
      grant usage on schema public, pgmq, keepsake to ${owner};
      grant all on all tables in schema public, pgmq, keepsake to ${owner};
      grant all on all sequences in schema pgmq, keepsake to ${owner};
      grant execute on all functions in schema keepsake to ${owner};
      do $$
      declare
        one regprocedure;
      begin
        for one in select p.oid from pg_proc as p where p.pronamespace = 'keepsake'::regnamespace and p.prosecdef loop
          execute format('alter function %s owner to ${owner}', one);
        end loop;
        for one in select c.oid from pg_class as c where c.relnamespace = 'keepsake'::regnamespace and c.relkind = 'r' loop
          execute format('alter table %s owner to ${owner}', one::oid::regclass);
        end loop;
      end
      $$`;
  }

  function restoreFunctionOwner(owner: string): string {
    return `reassign owned by ${owner} to postgres; drop owned by ${owner}; drop role ${owner}`;
  }
});
