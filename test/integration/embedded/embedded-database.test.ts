import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";

import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openEmbeddedDatabase } from "../../../dist/embedded/embedded-database.js";
import { readPgmqSql } from "../../../dist/embedded/pgmq-sql.js";
import { useFolder } from "../../use-folder.js";

const { TMPDIR } = process.env;
const folder = useFolder();
beforeAll(async () => {
  // A server that root starts runs as another user.
  await chmod(folder, 0o755);
  process.env["TMPDIR"] = folder;
});
afterAll(async () => {
  if (TMPDIR === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = TMPDIR;
});

async function ask(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
  try {
    return await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

describe("the embedded database", () => {
  it("runs PostgreSQL on loopback and leaves no process and no folder", async () => {
    const server = await openEmbeddedDatabase();
    expect(await readdir(folder)).toHaveLength(1);
    const rows = await ask(server.url, "select version() as version, pg_backend_pid() as pid");
    expect(rows[0]?.["version"]).toMatch(/^PostgreSQL 17/);
    const { hostname, password } = new URL(server.url);
    expect(hostname).toBe("127.0.0.1");
    expect(password.length).toBeGreaterThan(30);
    await server[Symbol.asyncDispose]();
    expect(await readdir(folder)).toEqual([]);
    await expect(ask(server.url, "select 1")).rejects.toThrow(/ECONNREFUSED/);
  });

  it("rejects a client without the password", async () => {
    await using server = await openEmbeddedDatabase();
    const url = new URL(server.url);
    url.password = "wrong";
    await expect(ask(url.href, "select 1")).rejects.toThrow(/password authentication failed/);
  });

  it("keeps data in the given folder", async () => {
    {
      await using server = await openEmbeddedDatabase({ folder: path.join(folder, "kept") });
      await ask(server.url, "create table kept (word text); insert into kept values ('here')");
    }
    const again = await openEmbeddedDatabase({ folder: path.join(folder, "kept") });
    expect(await ask(again.url, "select word from kept")).toEqual([{ word: "here" }]);
    await again[Symbol.asyncDispose]();
    await rm(path.join(folder, "kept"), { recursive: true });
  });

  describe.runIf(process.getuid?.() === 0)("started by root", () => {
    let alone: string;
    beforeAll(async () => {
      // The PAM module pam_tmpdir and mkdtemp create folders with these rights.
      alone = await mkdtemp(path.join(folder, "alone-"));
      await chmod(alone, 0o700);
      process.env["TMPDIR"] = alone;
    });
    afterAll(async () => {
      process.env["TMPDIR"] = folder;
      await rm(alone, { recursive: true });
    });

    it("runs where only root can enter the folder for temporary files", async () => {
      const server = await openEmbeddedDatabase();
      expect(await ask(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
      await server[Symbol.asyncDispose]();
      expect(await readdir(alone)).toEqual([]);
    });

    it("explains what to do about a folder that its user cannot enter", async () => {
      await expect(openEmbeddedDatabase({ folder: path.join(alone, "kept") })).rejects.toThrow(
        /cannot run as root, and the user `nobody` cannot enter that folder\. Set TMPDIR/,
      );
    });
  });

  it("does not start when aborted before", async () => {
    const reason = new Error("enough");
    await expect(openEmbeddedDatabase({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await readdir(folder)).toEqual([]);
  });

  it("reports what is wrong when it cannot start", async () => {
    await using server = await openEmbeddedDatabase();
    const port = Number(new URL(server.url).port);
    await expect(openEmbeddedDatabase({ port })).rejects.toMatchObject({
      code: "embedded-database-failed",
      message: expect.stringMatching(/Address already in use/),
    });
  });
});

describe("PGMQ's SQL", () => {
  it("is read completely from the npm package", async () => {
    const text = await readPgmqSql();
    expect(text).toMatch(/^-{10}/);
    expect(text).toContain("CREATE FUNCTION pgmq.read(");
    expect(text.trimEnd()).toMatch(/;$/);
  });
});
