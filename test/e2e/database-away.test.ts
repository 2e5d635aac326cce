import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openRestartingDatabase, type RestartingDatabase } from "../chaos/open-restarting-database.js";
import { keepsake, lastJson, startKeepsake } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

const capsuleId = "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a12";

const folder = useFolder();
let database: RestartingDatabase;
let settings: Record<string, string>;
beforeAll(async () => {
  await mkdir(path.join(folder, "storage"));
  database = await openRestartingDatabase();
  settings = {
    DATABASE_URL: database.url,
    KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_SIZE: "640x360",
    KEEPSAKE_QUALITY: "draft",
  };
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** Starts a worker, and waits until it has said that the database is out of reach. */
async function startWaiting(args: readonly string[]) {
  const worker = startKeepsake(["work", ...args], settings);
  const end = once(worker, "close");
  const text = { said: "", printed: "" };
  worker.stdout?.setEncoding("utf8").on("data", (piece: string) => (text.printed += piece));
  worker.stderr?.setEncoding("utf8").on("data", (piece: string) => (text.said += piece));
  while (!text.said.includes("the database is out of reach")) {
    expect(worker.exitCode, text.said).toBeNull();
    await sleep(20);
  }
  return { worker, end, text };
}

describe("a worker that is started while the database is away", () => {
  it("waits, logs the reason in one line, and does the job once PostgreSQL is there", async () => {
    const sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
    await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret Hollis', 'closed')`;
    await sql`
      insert into public.messages (capsule_id, contributor_name, content_text)
      values (${capsuleId}::uuid, 'Daniel', 'The lake, every summer.')`;
    await sql.end();
    expect((await keepsake(["enqueue", capsuleId], settings)).exitCode).toBe(0);
    await database.stop("shutdown");
    const { end, text } = await startWaiting(["--until-empty", "--json"]);
    const line = text.said.split("\n").find((one) => one.includes("out of reach")) ?? "";
    expect(JSON.parse(line)).toMatchObject({
      level: "warn",
      code: "database-unreachable",
      reason: expect.stringMatching(/ECONNREFUSED\.$/),
    });
    expect(line).not.toContain("stack");
    await database.start();
    expect(await end).toEqual([0, null]);
    expect(JSON.parse(text.printed.trim().split("\n").at(-1) ?? "")).toMatchObject({
      outcomes: { published: 1 },
    });
    expect(text.said).toContain("the database is back");
  });

  it("ends with exit code 0 when it is told to stop while the database is still away", async () => {
    await database.stop("shutdown");
    try {
      const { worker, end, text } = await startWaiting(["--json"]);
      worker.kill("SIGTERM");
      expect(await end).toEqual([0, null]);
      expect(JSON.parse(text.printed)).toMatchObject({ outcomes: { published: 0 }, orphaned: 0 });
    } finally {
      await database.start();
    }
  });

  it("lets all other commands fail at once while the database is away", async () => {
    await database.stop("shutdown");
    try {
      const status = await keepsake(["status", "--json"], settings);
      expect(status.exitCode).toBe(1);
      expect(lastJson(status)).toMatchObject({ error: { code: "database-unreachable" } });
    } finally {
      await database.start();
    }
  });
});

describe("a worker that cannot start until an operator changes something", () => {
  it.each([
    ["a wrong password", (url: URL) => (url.password = "wrong"), "database-refused"],
    ["a database without Keepsake's schema", (url: URL) => (url.pathname = "postgres"), "schema-missing"],
  ])("stops the start of a worker with exit code 3: %s", async (_what, change, code) => {
    const url = new URL(database.url);
    change(url);
    const ran = await keepsake(["work"], { ...settings, DATABASE_URL: url.href });
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain(code === "schema-missing" ? "keepsake migrate" : code);
  });
});
