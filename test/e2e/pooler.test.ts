import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import postgres from "postgres";
import { describe, expect, it } from "vitest";

import { appSchemaSql } from "../../dist/embedded/app-schema.js";
import { openTestDatabase } from "../database.js";
import { findPgbouncer } from "../find-pgbouncer.js";
import { openPgbouncer } from "../integration/queue/open-pgbouncer.js";
import { keepsake } from "./keepsake.js";

const installed = findPgbouncer() !== null;
const why = installed ? "" : " (skipped: the program pgbouncer is not installed)";

describe.skipIf(!installed)(`through a transaction pooler with two connections${why}`, () => {
  it("migrate, enqueue, work and status do the same through a pooler as without one", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "keepsake-e2e-pooler-"));
    await using database = await openTestDatabase("template0");
    await using pooler = await openPgbouncer(database.url, { mode: "transaction" });
    const settings = {
      DATABASE_URL: `${pooler.url}?pgbouncer=true`,
      KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
      KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
      KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
      KEEPSAKE_SIZE: "640x360",
      KEEPSAKE_QUALITY: "draft",
      KEEPSAKE_LOG: "warn",
    };
    const sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
    const capsuleId = randomUUID();
    await sql.unsafe(appSchemaSql);
    await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret Hollis', 'closed')`;
    await sql`
      insert into public.messages (capsule_id, contributor_name, content_text)
      values (${capsuleId}::uuid, 'Daniel', 'The lake, every summer.')`;
    for (const args of [["migrate"], ["enqueue", capsuleId], ["work", "--until-empty"], ["status"]]) {
      const ran = await keepsake(args, settings);
      expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
    }
    const [capsule] = await sql`select status, final_video_url from public.capsules`;
    expect(capsule).toEqual({
      status: "completed",
      final_video_url: expect.stringMatching(new RegExp(`/videos/${capsuleId}\\.mp4\\?v=[0-9a-f]{12}$`)),
    });
    await sql.end();
    await rm(folder, { recursive: true, force: true });
  });
});
