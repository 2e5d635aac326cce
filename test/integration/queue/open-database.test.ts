import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openDatabase } from "../../../dist/queue/open-database.js";
import { openTestDatabase, type TestDatabase } from "../../database.js";
import { openDatabaseProxy } from "./database-proxy.js";

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(async () => {
  await test[Symbol.asyncDispose]();
});

describe("a query", () => {
  it("that gets no answer is given up, and the next one has a new connection", async () => {
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

  it("is left alone when its signal is aborted", async () => {
    await using database = openDatabase(test.url);
    const controller = new AbortController();
    const query = database.control.query((sql) => sql`select pg_sleep(1)`, { signal: controller.signal });
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(query).rejects.toBe(reason);
  });

  it("names no statement, so that any backend behind a transaction pooler can answer it", async () => {
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
