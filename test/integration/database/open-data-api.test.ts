import { createServer, type RequestListener } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { checkDatabase } from "../../../dist/database/check-database.js";
import { openDataApi } from "../../../dist/database/open-data-api.js";
import { openDatabase } from "../../../dist/database/open-database.js";
import { acquireCapsule } from "../../../dist/queue/acquire-capsule.js";
import { openTestDatabase, type TestDatabase } from "../../database.js";
import { openSupabaseLite, type SupabaseLite } from "../../open-supabase-lite.js";
import { never } from "../queue/queue-rig.js";

let test: TestDatabase;
let lite: SupabaseLite;
beforeAll(async () => {
  test = await openTestDatabase();
  lite = await openSupabaseLite(test.url);
});
afterAll(async () => {
  await lite[Symbol.asyncDispose]();
  await test[Symbol.asyncDispose]();
});

/** A server that is no Data API, or one in trouble, by the way it answers. */
async function openServer(answer: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const key = "sb_secret_0123456789abcdefghijkl";

describe("the Data API", () => {
  it("the Data API reports a migrated database as ready", async () => {
    await using database = openDataApi({ projectUrl: lite.url, serviceKey: lite.secretKey });
    expect(await checkDatabase(database, never)).toEqual([]);
  });

  it("the Data API finds what is missing, as a connection does", async () => {
    await using other = await openTestDatabase();
    {
      await using direct = openDatabase(other.url);
      await direct.sql`delete from keepsake.migrations where name = '012_grants.sql'`;
      await direct.sql`select pgmq.drop_queue('video_jobs_dlq'::text)`;
      await direct.sql`alter table public.capsules drop column final_video_url`;
    }
    await using server = await openSupabaseLite(other.url);
    await using database = openDataApi({ projectUrl: server.url, serviceKey: server.secretKey });
    const problems = await checkDatabase(database, never);
    expect(problems.map(({ code }) => code)).toEqual(["column-missing", "schema-outdated", "queue-missing"]);
  });

  it("the Data API explains how to create missing functions", async () => {
    await using empty = await openTestDatabase("template0");
    await using server = await openSupabaseLite(empty.url);
    await using database = openDataApi({ projectUrl: server.url, serviceKey: server.secretKey });
    const rejection = checkDatabase(database, never);
    await expect(rejection).rejects.toMatchObject({ code: "schema-missing", fault: "setup" });
    await expect(rejection).rejects.toThrow(/migrate --print.*SQL editor.*notify pgrst, 'reload schema'/);
  });

  it("the Data API rejects keys of visitors and wrong keys without repeating them", async () => {
    for (const serviceKey of [
      lite.publishableKey,
      "sb_secret_wrong_wrong_wrong",
      "eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
    ]) {
      await using database = openDataApi({ projectUrl: lite.url, serviceKey });
      const rejection = await database.control.call("resume", {}).catch((error: unknown) => error);
      expect(rejection, serviceKey).toMatchObject({ code: "database-refused", fault: "setup" });
      expect(String(rejection)).toContain("SUPABASE_SERVICE_ROLE_KEY");
      expect(String(rejection)).not.toContain(serviceKey);
    }
  });

  it("the Data API takes no unknown answer for a cancellation", async () => {
    await using server = await openServer((_request, response) => response.end('{"ok":true}'));
    await using database = openDataApi({ projectUrl: server.url, serviceKey: key });
    const owning = acquireCapsule(
      database,
      { msgId: 1n, readCount: 1 },
      "0195f1c0-0000-7000-8000-000000000000",
    );
    await expect(owning).rejects.toMatchObject({ code: "database-unreachable", fault: "world" });
  });

  it("the Data API rejects a signed-in user", async () => {
    const reply = await fetch(`${lite.url}/rest/v1/rpc/keepsake_call`, {
      method: "POST",
      headers: {
        apikey: lite.publishableKey,
        authorization: `Bearer ${lite.userToken}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ function_name: "get_video_queue_status", arguments: {} }),
    });
    expect(await reply.json()).toMatchObject({ code: "42501", message: /keepsake_call/ });
  });

  it("the Data API accepts texts that PostgreSQL could not store", async () => {
    await using database = openDataApi({ projectUrl: lite.url, serviceKey: lite.secretKey });
    await database.control.call("pause", { reason: "a\0b\uD800c" });
    const [status] = await database.control.call<{ paused_reason: string }[]>("get_video_queue_status", {});
    expect(status?.paused_reason).toBe("ab\u{FFFD}c");
    await database.control.call("resume", {});
  });
});

describe("a call", () => {
  it.each([
    ["a SQLSTATE", 500, { code: "40P01", message: "deadlock detected" }, "database-busy", "world"],
    [
      "a database going down",
      500,
      { code: "57P01", message: "terminating" },
      "database-unreachable",
      "world",
    ],
    ["a database out of reach", 503, { code: "PGRST002", message: "no" }, "database-unreachable", "world"],
    ["no free connection", 504, { code: "PGRST003", message: "no" }, "database-busy", "world"],
    ["a broken token", 401, { code: "PGRST301", message: "no" }, "database-refused", "setup"],
    ["a hidden schema", 406, { code: "PGRST106", message: "no" }, "database-refused", "setup"],
    ["our mistake", 400, { code: "PGRST102", message: "no" }, "database-error", "ours"],
    ["a gateway's rejection", 401, { message: "Invalid API key" }, "database-refused", "setup"],
    ["too much asked", 429, "slow down", "database-busy", "world"],
    ["a gateway in trouble", 502, "<html>", "database-unreachable", "world"],
    ["a paused project", 540, "paused", "database-unreachable", "world"],
    ["another kind of server", 404, "<html>", "database-refused", "setup"],
    ["a redirect", 308, "", "database-refused", "setup"],
    ["a page", 200, "<html>", "database-refused", "setup"],
  ])("a call that is answered with %s fails as that", async (_what, status, body, code, fault) => {
    await using server = await openServer((_request, response) => {
      response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
    });
    await using database = openDataApi({ projectUrl: server.url, serviceKey: key });
    const error = await database.control.call("resume", {}).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, fault });
    expect(String(error)).not.toContain(key);
  });

  it("a failed call has the SQLSTATE in its cause, as over a connection", async () => {
    await using database = openDataApi({ projectUrl: lite.url, serviceKey: lite.secretKey });
    const nobody = "00000000-0000-4000-8000-000000000000";
    await expect(database.control.call("enqueue", { capsule_id: nobody })).rejects.toMatchObject({
      cause: { code: "42704" },
    });
  });

  it("a call without an answer, or with half of one, ends at its time limit", async () => {
    await using server = await openServer((_request, response) => {
      response.writeHead(200);
      response.write('"hel');
    });
    await using silent = await openServer(() => undefined);
    for (const projectUrl of [server.url, silent.url]) {
      await using database = openDataApi({ projectUrl, serviceKey: key });
      await expect(database.heartbeats.call("heartbeat", {}, { timeoutSeconds: 0.1 })).rejects.toMatchObject({
        code: "database-unreachable",
        fault: "world",
      });
    }
  });

  it("a call ends when its signal is aborted, before or after it was sent", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    await using server = await openServer(() => controller.abort(reason));
    await using database = openDataApi({ projectUrl: server.url, serviceKey: key });
    const { signal } = controller;
    await expect(database.control.call("resume", {}, { signal })).rejects.toBe(reason);
    await expect(database.control.call("resume", {}, { signal })).rejects.toBe(reason);
  });

  it("a heartbeat does not wait for calls that hang", async () => {
    await using server = await openServer((request, response) => {
      request.setEncoding("utf8").on("data", (body: string) => {
        const name = (JSON.parse(body) as { function_name: string }).function_name;
        if (name === "heartbeat") response.end('"renewed"');
      });
    });
    await using database = openDataApi({ projectUrl: server.url, serviceKey: key });
    const controllers = Array.from({ length: 30 }, () => new AbortController());
    const hanging = controllers.map(({ signal }) =>
      database.control.call("resume", {}, { signal }).catch(() => "given up"),
    );
    expect(await database.heartbeats.call("heartbeat", {})).toBe("renewed");
    for (const controller of controllers) controller.abort();
    expect(await Promise.all(hanging)).toEqual(Array(30).fill("given up"));
  });

  it("a call sends a secret key alone where a server takes it for a broken token", async () => {
    const seen: (string | undefined)[] = [];
    await using server = await openServer(({ headers }, response) => {
      seen.push(headers.authorization);
      response.writeHead(headers.authorization === undefined ? 200 : 401).end("null");
    });
    await using database = openDataApi({ projectUrl: server.url, serviceKey: key });
    await database.control.call("resume", {});
    await database.control.call("resume", {});
    expect(seen).toEqual([`Bearer ${key}`, undefined, undefined]);
  });

  it("a call reports a server that does not exist", async () => {
    await using database = openDataApi({ projectUrl: "http://127.0.0.1:1", serviceKey: key });
    await expect(database.control.call("resume", {})).rejects.toMatchObject({
      code: "database-unreachable",
      message: expect.stringContaining("ECONNREFUSED") as string,
    });
  });
});
