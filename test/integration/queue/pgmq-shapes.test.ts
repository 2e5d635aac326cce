/**
 * PGMQ's objects differ from version to version in the order and number of columns and in their overloads.
 * Here its objects are altered, by SQL of our own, into the shapes that others have, and into some that none has. This
 * shows that we name and cast what we use; `pgmq-updates.test.ts` runs on the versions themselves.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { appSchemaSql } from "../../../dist/embedded/app-schema.js";
import { readPgmqSql } from "../../../dist/embedded/pgmq-sql.js";
import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import { checkDatabase } from "../../../dist/database/check-database.js";
import { claimJob } from "../../../dist/queue/claim-job.js";
import { migrate } from "../../../dist/database/migrate.js";
import { openDatabase, type PostgresDatabase } from "../../../dist/database/open-database.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import { openTestDatabase, type TestDatabase } from "../../database.js";
import { filmFor, must, never } from "./queue-rig.js";

let test: TestDatabase;
let database: PostgresDatabase;
beforeEach(async () => {
  test = await openTestDatabase("template0");
  database = openDatabase(test.url);
  await database.sql.unsafe("create schema pgmq");
  await database.sql.unsafe(await readPgmqSql());
  await database.sql.unsafe(appSchemaSql);
  await database.sql`select pgmq.create('video_jobs_queue'::text)`;
  await database.sql`select pgmq.create('video_jobs_dlq'::text)`;
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
  await test[Symbol.asyncDispose]();
});

const types: Readonly<Record<string, string>> = {
  msg_id: "bigint",
  read_ct: "integer",
  enqueued_at: "timestamptz",
  last_read_at: "timestamptz",
  vt: "timestamptz",
  message: "jsonb",
  headers: "jsonb",
};

/** A message record of these columns in this order, and tables, `read` and `archive` to go with it. */
function reshape(columns: readonly string[], readParameters: string): string {
  const gone = ["last_read_at", "headers"].filter((column) => !columns.includes(column));
  const dropped = gone.map((column) => `drop column ${column}`).join(", ");
  const tables = ["q_video_jobs_queue", "a_video_jobs_queue", "q_video_jobs_dlq", "a_video_jobs_dlq"];
  const kept = [
    "msg_id",
    "vt",
    "read_ct",
    "enqueued_at",
    "message",
    ...(gone.length === 0 ? ["headers"] : []),
  ];
  return `
    drop type pgmq.message_record cascade;
    drop function pgmq.archive(text, bigint);
    create type pgmq.message_record as (${columns.map((column) => `${column} ${types[column]}`).join(", ")});
    ${gone.length === 0 ? "" : tables.map((table) => `alter table pgmq.${table} ${dropped};`).join("\n")}
    create function pgmq.read(queue_name text, vt integer, qty integer${readParameters})
    returns setof pgmq.message_record language plpgsql as $read$
    begin
      return query execute format(
        'with one as (
          select msg_id from pgmq.%1$I where vt <= clock_timestamp() order by msg_id limit $1 for update skip locked
        )
        update pgmq.%1$I as m set vt = clock_timestamp() + make_interval(secs => $2), read_ct = read_ct + 1
        from one where m.msg_id = one.msg_id returning ${columns.map((column) => `m.${column}`).join(", ")}',
        'q_' || queue_name
      ) using qty, vt;
    end $read$;
    create function pgmq.archive(queue_name text, msg_id bigint) returns boolean language plpgsql as $archive$
    declare
      found_id bigint;
    begin
      execute format(
        'with gone as (delete from pgmq.%I where msg_id = $1 returning *)
        insert into pgmq.%I (${kept.join(", ")}) select ${kept.join(", ")} from gone returning msg_id',
        'q_' || queue_name, 'a_' || queue_name
      ) using msg_id into found_id;
      return found_id is not null;
    end $archive$;`;
}

/** As before 1.5: one \`send\`, which takes the delay in seconds and knows no headers. */
const oneSend = `
  do $$
  declare
    one regprocedure;
  begin
    for one in select p.oid from pg_proc as p where p.pronamespace = 'pgmq'::regnamespace and p.proname = 'send' loop
      execute 'drop function ' || one || ' cascade';
    end loop;
  end $$;
  create function pgmq.send(queue_name text, msg jsonb, delay integer default 0)
  returns setof bigint language plpgsql as $send$
  begin
    return query execute format(
      'insert into pgmq.%I (vt, message) values (clock_timestamp() + make_interval(secs => $1), $2) returning msg_id',
      'q_' || queue_name
    ) using delay, msg;
  end $send$;`;

/** These overloads make calls with untyped parameters ambiguous. */
const moreOverloads = `
  create function pgmq.send(queue_name text, msg jsonb, delay text) returns setof bigint language sql as 'select -1::bigint';
  create function pgmq.archive(queue_name text, msg_id integer) returns boolean language sql as 'select false';
  create function pgmq.archive(queue_name text, msg_id text) returns boolean language sql as 'select false';
  create function pgmq.read(queue_name text, vt timestamptz, qty integer) returns setof pgmq.message_record
    language sql as 'select null::pgmq.message_record where false';
  create function pgmq.read(queue_name text, vt integer, qty text) returns setof pgmq.message_record
    language sql as 'select null::pgmq.message_record where false';`;

const old = ["msg_id", "read_ct", "enqueued_at", "vt", "message"];
const shapes = {
  "no headers, one send, read of three parameters (1.4)": `${oneSend} ${reshape(old, "")}`,
  "headers last, a conditional read (1.5 to 1.9)": reshape(
    [...old, "headers"],
    ", conditional jsonb default '{}'",
  ),
  "last_read_at fourth (1.11 to 1.13)": reshape(
    ["msg_id", "read_ct", "enqueued_at", "last_read_at", "vt", "message", "headers"],
    ", conditional jsonb default '{}'",
  ),
  "columns in an order that no version has, and overloads for everything": `${reshape(
    ["headers", "message", "vt", "last_read_at", "enqueued_at", "read_ct", "msg_id"],
    ", conditional jsonb default '{}'",
  )} ${moreOverloads}`,
};

describe("a PGMQ with", () => {
  it.each(Object.entries(shapes))(
    "%s: a job is claimed, published, made a dead letter and retried",
    async (_what, sql) => {
      await database.sql.unsafe(sql);
      await migrate(database, { signal: never });
      expect(await checkDatabase(database, never)).toEqual([]);
      const [capsule] = await database.sql<{ id: string }[]>`
      insert into public.capsules (status) values ('closed') returning id`;
      const { id } = must(capsule);
      const start = async () => {
        await database.sql`select keepsake.enqueue(${id}::uuid)`;
        const job = must(await claimJob(database, "worker", 120));
        expect(job.message).toMatchObject({ capsule_id: id });
        expect(await acquireCapsule(database, job, id)).toBe("acquired");
        expect(await sendHeartbeat(database, job, 120, null)).toBe("renewed");
        return job;
      };
      expect(await publishFilm(database, await start(), await filmFor(database.sql, id))).toBe("published");
      const rejected = {
        outcome: "rejected",
        code: "x",
        message: "x",
      } as const;
      expect((await finishAttempt(database, await start(), rejected)).jobState).toBe("dead");
      await database.sql`select keepsake.retry_dead_letter(msg_id) from pgmq.q_video_jobs_dlq`;
      const again = must(await claimJob(database, "worker", 120));
      expect(again).toMatchObject({ message: { capsule_id: id, retry_count: 1 } });
      const [counts] = await database.sql`select pgmq.size('video_jobs_queue') as size`;
      expect(counts).toEqual({ size: 1n });
    },
  );

  it("rejects a PGMQ whose read returns columns in the table's order (1.10), and creates nothing", async () => {
    await database.sql.unsafe(`
      create or replace function pgmq.read(
        queue_name text, vt integer, qty integer, conditional jsonb default '{}'
      ) returns setof pgmq.message_record language plpgsql as $read$
      begin
        return query execute 'update pgmq.q_video_jobs_queue as m set read_ct = read_ct + 1 RETURNING m.*';
      end $read$`);
    await expect(migrate(database, { signal: never })).rejects.toMatchObject({
      code: "pgmq-unsupported",
      fault: "setup",
      message: expect.stringContaining("PGMQ 1.10, which cannot read queues made by an older version"),
    });
    const [made] = await database.sql`select to_regnamespace('keepsake') as keepsake`;
    expect(made).toEqual({ keepsake: null });
    expect((await checkDatabase(database, never)).map(({ code }) => code)).toContain("pgmq-unsupported");
  });
});
