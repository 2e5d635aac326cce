import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import postgres from "postgres";
import { expect, it } from "vitest";

import { findProcesses } from "../chaos/find-processes.js";
import { openTestDatabase } from "../database.js";
import { keepsake, startKeepsake } from "./keepsake.js";

const capsuleId = "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a11";

it("exits at the second signal with 130, and its film's processes with it", async () => {
  await using database = await openTestDatabase();
  const sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
  const folder = await mkdtemp(path.join(tmpdir(), "keepsake-e2e-"));
  try {
    await mkdir(path.join(folder, "storage"));
    const settings = {
      DATABASE_URL: database.url,
      KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
      KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
      KEEPSAKE_CORES: "2",
      KEEPSAKE_QUALITY: "archive",
      KEEPSAKE_HEARTBEAT_SECONDS: "1",
      KEEPSAKE_DRAIN_SECONDS: "600",
    };
    await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret Hollis', 'closed')`;
    await sql`
      insert into public.messages (capsule_id, contributor_name, content_text)
      select ${capsuleId}::uuid, 'Priya', 'One more summer, she always said, and there always was one more.'
      from generate_series(1, 20)`;
    await keepsake(["enqueue", capsuleId], settings);

    const worker = startKeepsake(["work"], settings);
    const end = once(worker, "close");
    let said = "";
    worker.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
    const isPainting = async () =>
      (await sql`select from keepsake.attempts where stage = 'painting' and done > 0`).length > 0;
    while (!(await isPainting())) await sql`select pg_sleep(0.05)`;
    worker.kill("SIGTERM");
    while (!said.includes("claiming no more")) await sql`select pg_sleep(0.02)`;
    worker.kill("SIGTERM");
    expect(await end).toEqual([130, null]);
    // Its processes find it gone when they next look up from their work.
    while ((await findProcesses(folder)).length > 0) await sql`select pg_sleep(0.05)`;
  } finally {
    await sql.end();
    await rm(folder, { recursive: true, force: true });
  }
});
