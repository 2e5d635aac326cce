import path from "node:path";

import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";

import { createDiskCache } from "../../dist/cache/disk-cache.js";
import { createPaintingPace } from "../../dist/film/segments/painting-pace.js";
import { createLog } from "../../dist/log.js";
import { openTestDatabase } from "../database.js";
import { keepsake, lastJson } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

const capsuleId = "5f0c7a52-9999-4a54-9d0b-6d1f3d4c9a10";

const folder = useFolder();
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let sql: postgres.Sql;
beforeAll(async () => {
  database = await openTestDatabase();
  sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
  await database[Symbol.asyncDispose]();
});

it("rejects a film that this machine cannot make in time before painting it, and accepts one that is painted already", async () => {
  const cacheFolder = path.join(folder, "cache");
  const settings = {
    DATABASE_URL: database.url,
    KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_CACHE_FOLDER: cacheFolder,
    KEEPSAKE_SIZE: "360x360",
    KEEPSAKE_QUALITY: "draft",
    KEEPSAKE_CORES: "2",
    KEEPSAKE_LOG: "warn",
  };
  await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret', 'closed')`;
  await sql`
    insert into public.messages (capsule_id, contributor_name, content_text)
    values (${capsuleId}::uuid, 'Ana', 'The lake.')`;
  // The record says that the last film was painted at a frame an hour.
  const cache = createDiskCache({ folder: cacheFolder, limitBytes: 1e8, log: createLog("silent", false) });
  const measured = { width: 360, height: 360, quality: "draft" } as const;
  await createPaintingPace({ cache, settings: measured, cores: 2, maxAttemptSeconds: null }).store(
    10_000,
    36_000_000,
  );

  await keepsake(["enqueue", capsuleId], settings);
  const refused = await keepsake(["work", "--until-empty", "--json"], settings);
  expect(lastJson(refused), refused.stderr).toMatchObject({ outcomes: { rejected: 1 } });
  const letters = lastJson(await keepsake(["failed", "--json"], settings)) as readonly {
    readonly code: string;
    readonly reason: string;
  }[];
  expect(letters).toMatchObject([
    {
      code: "film-too-slow",
      reason: expect.stringMatching(/would take \d+ hours.*; KEEPSAKE_FILM_TIMEOUT_SECONDS allows 2 hours/),
    },
  ]);

  const rendered = await keepsake(["render", capsuleId, "--out", path.join(folder, "film.mp4")], settings);
  expect(rendered.exitCode, rendered.stderr).toBe(0);
  await keepsake(["failed", "retry", "1"], settings);
  const worked = await keepsake(["work", "--until-empty", "--json"], settings);
  expect(lastJson(worked), worked.stderr).toMatchObject({ outcomes: { published: 1 } });
});
