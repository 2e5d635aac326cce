import postgres from "postgres";
import { describe, expect, it } from "vitest";

import { appSchemaSql } from "../../../dist/embedded/app-schema.js";
import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import { enqueueCapsule } from "../../../dist/operator/enqueue.js";
import { migrate } from "../../../dist/database/migrate.js";
import { readPgmqSql } from "../../../dist/embedded/pgmq-sql.js";
import { openDatabase } from "../../../dist/database/open-database.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { openTestDatabase } from "../../database.js";
import { findPgbouncer } from "../../find-pgbouncer.js";
import { openPgbouncer } from "./open-pgbouncer.js";
import { filmOf, must, never, openQueueRig } from "./queue-rig.js";
import { runConsumer } from "./run-consumer.js";

const installed = findPgbouncer() !== null;
const why = installed ? "" : " (skipped: the program pgbouncer is not installed)";

describe.skipIf(!installed).each(["transaction", "session"] as const)(`a pooler in %s mode${why}`, (mode) => {
  it("migrates through a pooler, also twice at once", async () => {
    await using test = await openTestDatabase("template0");
    await using pooler = await openPgbouncer(test.url, { mode });
    await using first = openDatabase(pooler.url);
    await using second = openDatabase(pooler.url);
    await first.control.query((sql) => sql.unsafe(appSchemaSql));
    const done = await Promise.all(
      [first, second].map((one) => migrate(one, { pgmqSql: readPgmqSql, signal: never })),
    );
    const applied = done.flatMap((result) => result.applied);
    expect(applied.length).toBeGreaterThan(0);
    expect(new Set(applied).size).toBe(applied.length);
    expect((await migrate(first, { pgmqSql: readPgmqSql, signal: never })).applied).toEqual([]);
  });

  it("a pooler gets the name of the worker and no unknown parameter", async () => {
    await using test = await openTestDatabase();
    await using pooler = await openPgbouncer(test.url, { mode });
    await using database = openDatabase(`${pooler.url}?pgbouncer=true&supa=x&schema=public`, {
      applicationName: "keepsake worker-7",
    });
    const rows = await database.control.query(
      (sql) => sql`select current_setting('application_name') as name`,
    );
    expect(rows).toEqual([{ name: "keepsake worker-7" }]);
  });

  it("explains a pooler's errors: a wrong password, an unknown database and `options`", async () => {
    await using test = await openTestDatabase();
    await using pooler = await openPgbouncer(test.url, { mode });
    for (const [url, words] of [
      [pooler.url.replace(/:[^:@]*@/, ":wrong@"), "user or password"],
      [pooler.url.replace(/[^/]*$/, "no_such"), "no such project, user or database"],
      [`${pooler.url}?options=-c%20work_mem%3D8MB`, "remove `options`"],
    ] as const) {
      await using database = openDatabase(url);
      await expect(database.control.query((sql) => sql`select 1`)).rejects.toMatchObject({
        code: "database-refused",
        message: expect.stringContaining(words),
      });
    }
  });

  it("a pooler that restarts during a film loses neither job nor film", async () => {
    await using rig = await openQueueRig();
    // In session mode it must have room for all five connections of a worker.
    await using pooler = await openPgbouncer(rig.url, { mode, poolSize: mode === "session" ? 5 : 2 });
    await using database = openDatabase(pooler.url);
    const capsuleId = await rig.addCapsule();
    await enqueueCapsule(rig.database, capsuleId, never);
    await using consumer = runConsumer(database, async (attempt) => {
      await attempt.fence();
      await pooler.stop();
      const fenced = attempt.fence();
      await expect(database.control.query((sql) => sql`select 1`)).rejects.toMatchObject({ fault: "world" });
      await pooler.start();
      await fenced;
      return { outcome: "published", film: filmOf(capsuleId) };
    });
    expect(await consumer.ended()).toMatchObject({ outcome: "published", capsuleId, readCount: 1 });
  });
});

describe.skipIf(!installed)(`two server connections for many clients${why}`, () => {
  it("leaves nothing on a pooled backend: no named statement, setting, lock, listener or temporary table", async () => {
    await using rig = await openQueueRig();
    await using pooler = await openPgbouncer(rig.url, { mode: "transaction" });
    const before = await traces(pooler.url);
    await using database = openDatabase(pooler.url);
    const capsuleIds = await Promise.all(Array.from({ length: 6 }, async () => await rig.addCapsule()));
    for (const id of capsuleIds) await enqueueCapsule(database, id, never);
    const consumer = runConsumer(
      database,
      async (attempt) => {
        await attempt.fence();
        return { outcome: "published", film: filmOf(attempt.capsuleId) };
      },
      { slots: 3, stopWhenEmpty: true },
    );
    expect((await consumer.summary).outcomes.published).toBe(6);
    expect(await traces(pooler.url)).toEqual(before);
  });

  it("heartbeats continue while all other connections of a worker wait", async () => {
    await using rig = await openQueueRig();
    await using pooler = await openPgbouncer(rig.url, { mode: "transaction", poolSize: 4 });
    await using database = openDatabase(pooler.url);
    const { capsuleId, job } = await rig.startFilm();
    const waiting = await rig.sql.begin(async (sql) => {
      await sql`select 1 from keepsake.films where capsule_id = ${capsuleId}::uuid for update`;
      let answered = 0;
      const calls = Array.from({ length: 5 }, async () => {
        const ownership = await acquireCapsule(database, job, capsuleId);
        answered += 1;
        return ownership;
      });
      for (let count = 0; count < 10; count++)
        expect(await sendHeartbeat(database, job, 120, null)).toBe("renewed");
      expect(answered).toBe(0);
      return { calls };
    });
    expect(await Promise.all(waiting.calls)).toEqual(Array.from({ length: 5 }, () => "acquired"));
  });
});

/** Lists what each backend behind the pooler keeps beyond a transaction. */
async function traces(url: string): Promise<unknown> {
  const sql = postgres(url, { max: 2, prepare: false, fetch_types: false });
  const read = async (one: postgres.TransactionSql) => {
    const [row] = await one`
      select
        (select json_agg(name) from pg_prepared_statements) as statements,
        (select json_agg(channel) from pg_listening_channels() as channel) as listeners,
        (select json_agg(objid) from pg_locks where locktype = 'advisory') as locks,
        (select json_agg(relname) from pg_class where relpersistence = 't' and relkind = 'r') as tables,
        (select json_agg(name) from pg_settings where source = 'session' and name <> 'application_name') as settings`;
    return must(row);
  };
  // One transaction within the other, so that each has a backend of its own.
  const found = await sql.begin(async (one) => [await read(one), await sql.begin(read)]);
  await sql.end();
  return found;
}
