import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openDatabase, type PostgresDatabase } from "../../../dist/database/open-database.js";
import { openTestDatabase, type TestDatabase } from "../../database.js";
import { openDatabaseProxy } from "../queue/database-proxy.js";
import { openQueueRig } from "../queue/queue-rig.js";

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(async () => {
  await test[Symbol.asyncDispose]();
});

/** Holds an advisory lock until `unlock`, so that `waitForLock` takes as long as the test wants. */
async function openLock() {
  const holder = openDatabase(test.url, { connections: 1 });
  await holder.control.query((sql) => sql`select pg_advisory_lock(1)`);
  return {
    unlock: async () => await holder.control.query((sql) => sql`select pg_advisory_unlock(1)`),
    [Symbol.asyncDispose]: async () => await holder[Symbol.asyncDispose](),
  };
}
const waitForLock = (sql: PostgresDatabase["sql"]) => sql`select 1 as one, pg_advisory_xact_lock(1)`;

describe("a query", () => {
  it("a query without an answer ends at its time limit, and the next one has a new connection", async () => {
    await using proxy = await openDatabaseProxy(test.url);
    await using database = openDatabase(proxy.url, { connections: 1 });
    await database.control.query((sql) => sql`select 1`);
    proxy.swallow();
    await expect(
      database.control.query((sql) => sql`select 1`, { timeoutSeconds: 0.1 }),
    ).rejects.toMatchObject({ code: "database-unreachable", fault: "world" });
    proxy.restore();
    expect(await database.control.query((sql) => sql`select 2 as two`)).toEqual([{ two: 2 }]);
  });

  it("a query ends when its signal is aborted", async () => {
    await using database = openDatabase(test.url);
    const controller = new AbortController();
    const query = database.control.query((sql) => sql`select pg_sleep(1)`, { signal: controller.signal });
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(query).rejects.toBe(reason);
  });

  it("a query names no statement, so that any backend behind a transaction pooler can answer it", async () => {
    await using database = openDatabase(test.url, { connections: 1 });
    await database.control.query((sql) => sql`select ${1}::integer`);
    const rows = await database.control.query((sql) => sql`select name from pg_prepared_statements`);
    expect(rows).toEqual([]);
  });

  it.each([
    ["select 1 / 0", "database-error", "ours"],
    ["select * from keepsake.no_such_table", "schema-missing", "setup"],
    ["do $$ begin raise exception using errcode = '40P01'; end $$", "database-busy", "world"],
    ["do $$ begin raise exception using errcode = '57P01'; end $$", "database-unreachable", "world"],
    ["set role pg_no_such_role", "database-error", "ours"],
  ])("%s fails as %s", async (statement, code, fault) => {
    await using database = openDatabase(test.url);
    await expect(database.control.query((sql) => sql.unsafe(statement))).rejects.toMatchObject({
      code,
      fault,
      cause: expect.any(Error),
    });
  });
});

describe("a call that was given up", () => {
  it("a call that was given up ends on the server by itself and releases its locks", async () => {
    await using rig = await openQueueRig();
    await using database = openDatabase(rig.url, { applicationName: "keepsake given up" });
    const { capsuleId, job } = await rig.startFilm();
    const left = await rig.sql.begin(async (sql) => {
      await sql`select 1 from keepsake.films where capsule_id = ${capsuleId}::uuid for update`;
      const values = { msg_id: job.msgId, read_ct: job.readCount, capsule_id: capsuleId };
      await expect(database.control.call("acquire", values, { timeoutSeconds: 0.2 })).rejects.toMatchObject({
        code: "database-unreachable",
      });
      // A server does not see that its client is gone while it waits for a lock.
      for (;;) {
        const waiting = await sql<{ wait: string | null }[]>`
          select pg_stat_clear_snapshot()::text, wait_event_type as wait from pg_stat_activity
          where application_name = 'keepsake given up' and state = 'active'`;
        if (waiting.length === 0) return waiting.length;
        await sql`select pg_sleep(0.1)`;
      }
    });
    expect(left).toBe(0);
  });

  it("a call that was given up leaves the queue for a connection, and the next one continues", async () => {
    await using database = openDatabase(test.url, { connections: 1 });
    await using lock = await openLock();
    const slow = database.control.query(waitForLock);
    const stop = new AbortController();
    const aborted = database.control.query((sql) => sql`select 1`, { signal: stop.signal });
    const late = database.control.query((sql) => sql`select 1`, { timeoutSeconds: 0.1 });
    const next = database.control.query((sql) => sql`select 2 as two`);
    stop.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    await expect(late).rejects.toMatchObject({ code: "database-unreachable" });
    await lock.unlock();
    expect(await next).toEqual([{ two: 2 }]);
    await slow;
  });

  it("a call that was given up loses only its own connection", async () => {
    await using database = openDatabase(test.url, { connections: 2 });
    await using lock = await openLock();
    const other = database.control.query(waitForLock);
    await expect(database.control.query(waitForLock, { timeoutSeconds: 0.1 })).rejects.toMatchObject({
      code: "database-unreachable",
    });
    await lock.unlock();
    expect(await other).toMatchObject([{ one: 1 }]);
  });
});
