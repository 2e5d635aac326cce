import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";

import postgres from "postgres";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { appSchemaSql } from "../../dist/embedded/app-schema.js";
import { openTestDatabase } from "../database.js";
import { openStorageServer, type StorageServer } from "../integration/storage/storage-server.js";
import { keepsake, lastJson } from "./keepsake.js";
import { probeFilm } from "./probe-film.js";
import { useFolder } from "../use-folder.js";

const capsuleId = "5f0c7a52-1111-4a54-9d0b-6d1f3d4c9a10";
const key = "sb_secret_0123456789abcdefghijkl";

const folder = useFolder();
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let storage: StorageServer;
let sql: postgres.Sql;
let settings: Record<string, string>;

beforeAll(async () => {
  database = await openTestDatabase("template0");
  storage = await openStorageServer({
    key,
    buckets: {
      videos: { public: true, file_size_limit: null },
      media: { public: false, file_size_limit: null },
    },
  });
  sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
  await sql.unsafe(appSchemaSql);
  settings = {
    DATABASE_URL: database.url,
    SUPABASE_URL: storage.url,
    SUPABASE_SERVICE_ROLE_KEY: key,
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
    KEEPSAKE_SIZE: "640x360",
    KEEPSAKE_QUALITY: "draft",
  };
});
afterAll(async () => {
  await sql.end();
  await storage[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  expect(await readdir(path.join(folder, "films"))).toEqual([]);
});

describe("the start of the README, against a project of Supabase's shape", () => {
  it("doctor says that the database must be migrated", async () => {
    const ran = await keepsake(["doctor", "--json"], settings);
    expect(ran.exitCode).toBe(3);
    expect(lastJson(ran)).toMatchObject({ healthy: false });
    expect(ran.stdout).toContain("keepsake migrate");
    expect(ran.stdout + ran.stderr).not.toContain(key);
  });

  it("migrate --print is the SQL, and changes nothing", async () => {
    const ran = await keepsake(["migrate", "--print"], {});
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toContain("create schema if not exists keepsake");
    expect(await sql`select 1 from pg_namespace where nspname = 'keepsake'`).toHaveLength(0);
  });

  it("migrate, twice, makes the database ready", async () => {
    const first = await keepsake(["migrate", "--enqueue-trigger"], settings);
    expect(first, first.stderr).toMatchObject({ exitCode: 0 });
    expect(await keepsake(["migrate"], settings)).toMatchObject({ exitCode: 0 });
    const ran = await keepsake(["doctor", "--json"], settings);
    expect(lastJson(ran), ran.stdout).toMatchObject({ healthy: true });
  });

  it("closing a capsule makes a film of private media, and its public address is in the row", async () => {
    const photo = await sharp({ create: { width: 900, height: 1200, channels: 3, background: "#7a5c3e" } })
      .jpeg()
      .toBuffer();
    storage.objects.set(`media/${capsuleId}/summer day.jpg`, {
      bytes: photo,
      contentType: "image/jpeg",
      cacheControl: "no-cache",
      metadata: null,
    });
    const expired = `${storage.url}/storage/v1/object/sign/media/${capsuleId}/summer%20day.jpg?token=expired`;
    await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret', 'active')`;
    await sql`
      insert into public.messages (capsule_id, contributor_name, content_image_url, submitted_at)
      values (${capsuleId}::uuid, 'Daniel', ${expired}, now())`;
    await sql`update public.capsules set status = 'closed' where id = ${capsuleId}::uuid`;

    const worked = await keepsake(["work", "--until-empty", "--json"], settings);
    expect(worked, worked.stderr).toMatchObject({ exitCode: 0 });
    expect(lastJson(worked)).toMatchObject({ outcomes: { published: 1 } });
    expect(worked.stdout + worked.stderr).not.toContain(key);
    expect(worked.stdout + worked.stderr).not.toContain("Daniel");

    const [row] =
      await sql`select status, final_video_url as url from public.capsules where id = ${capsuleId}::uuid`;
    const [published = ""] = String(row?.["url"]).split("?");
    expect(row?.["status"]).toBe("completed");
    expect(published).toBe(`${storage.url}/storage/v1/object/public/videos/${capsuleId}.mp4`);
    const film = storage.objects.get(`videos/${capsuleId}.mp4`);
    expect(film?.contentType).toBe("video/mp4");
    expect(storage.objects.get(`videos/${capsuleId}.jpg`)?.contentType).toBe("image/jpeg");
    await writeFile(path.join(folder, "film.mp4"), film?.bytes ?? "");
    expect((await probeFilm(path.join(folder, "film.mp4"))).video).toMatchObject({ width: 640, height: 360 });
    const [warned] = await sql`select warnings from keepsake.films where capsule_id = ${capsuleId}::uuid`;
    expect(warned?.["warnings"]).toEqual([]);
  });

  it("a key that Storage rejects stops the start, with a message that does not contain the key", async () => {
    const wrong = "sb_secret_wrong_wrong_wrong_wrong";
    const ran = await keepsake(["work"], { ...settings, SUPABASE_SERVICE_ROLE_KEY: wrong });
    expect(ran.exitCode, ran.stderr).toBe(3);
    expect(ran.stderr).toContain("storage-key-refused");
    expect(ran.stderr).not.toContain(wrong);
  });

  it("status and films report the published film", async () => {
    expect(lastJson(await keepsake(["status", "--json"], settings))).toMatchObject({ pendingCount: 0 });
    expect(lastJson(await keepsake(["films", "--json"], settings))).toMatchObject([
      { capsuleId, state: "published" },
    ]);
  });
});
