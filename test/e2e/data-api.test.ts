import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";

import postgres from "postgres";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { appSchemaSql } from "../../dist/embedded/app-schema.js";
import { readPgmqSql } from "../../dist/embedded/pgmq-sql.js";
import { openTestDatabase } from "../database.js";
import { openStorageServer, type StorageServer } from "../integration/storage/storage-server.js";
import { openSupabaseLite, type SupabaseLite } from "../open-supabase-lite.js";
import { keepsake, lastJson } from "./keepsake.js";
import { openGateway, type Gateway } from "./open-gateway.js";
import { probeFilm } from "./probe-film.js";
import { useFolder } from "../use-folder.js";

const capsuleId = "5f0c7a52-2222-4a54-9d0b-6d1f3d4c9a10";
const otherId = "5f0c7a52-3333-4a54-9d0b-6d1f3d4c9a10";

const folder = useFolder();
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let sql: postgres.Sql;
let lite: SupabaseLite | null = null;
let storage: StorageServer;
let project: Gateway;
/** Nothing but the URL and the key: no connection to the database. */
let settings: Record<string, string>;

beforeAll(async () => {
  database = await openTestDatabase("template0");
  sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
  await sql.unsafe(
    "alter default privileges in schema public grant all on functions to anon, authenticated, service_role",
  );
  await sql.unsafe(appSchemaSql);
  lite = await openSupabaseLite(database.url);
  storage = await openStorageServer({
    key: lite.secretKey,
    buckets: {
      videos: { public: true, file_size_limit: null },
      media: { public: false, file_size_limit: null },
    },
  });
  project = await openGateway((url) => (url.startsWith("/storage/") ? storage.url : (lite?.url ?? "")));
  settings = {
    SUPABASE_URL: project.url,
    SUPABASE_SERVICE_ROLE_KEY: lite.secretKey,
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
    KEEPSAKE_SIZE: "640x360",
    KEEPSAKE_QUALITY: "draft",
    KEEPSAKE_LEASE_SECONDS: "30",
    KEEPSAKE_HEARTBEAT_SECONDS: "1",
    KEEPSAKE_LOG: "warn",
  };
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
  await storage[Symbol.asyncDispose]();
  await lite?.[Symbol.asyncDispose]();
  await sql.end();
  await database[Symbol.asyncDispose]();
  expect(await readdir(path.join(folder, "films"))).toEqual([]);
});

describe("with the project's URL and service key alone", () => {
  it("doctor says how to create the functions, and migrate says what it needs", async () => {
    const doctor = await keepsake(["doctor", "--json"], settings);
    expect(doctor.exitCode).toBe(3);
    expect(doctor.stdout).toContain("keepsake migrate --print");
    const migrate = await keepsake(["migrate"], settings);
    expect(migrate.exitCode, migrate.stderr).toBe(2);
    expect(migrate.stderr).toMatch(/DATABASE_URL.*migrate --print/s);
    expect(doctor.stdout + doctor.stderr + migrate.stderr).not.toContain(
      settings["SUPABASE_SERVICE_ROLE_KEY"],
    );
  });

  it("the printed SQL, run by hand, makes the database ready", async () => {
    const printed = await keepsake(["migrate", "--print"], settings);
    // Supabase has these functions in an extension.
    await sql.unsafe("create schema pgmq");
    await sql.unsafe(await readPgmqSql());
    await sql.unsafe(printed.stdout);
    // This server does not listen for the reload that the SQL asks for.
    await lite?.[Symbol.asyncDispose]();
    lite = await openSupabaseLite(database.url);
    const doctor = await keepsake(["doctor", "--json"], settings);
    expect(lastJson(doctor), doctor.stdout).toMatchObject({ healthy: true });
  });

  it("a closed capsule becomes a published film, and its heartbeats are seen", async () => {
    const photo = await sharp({ create: { width: 900, height: 1200, channels: 3, background: "#7a5c3e" } })
      .jpeg()
      .toBuffer();
    storage.objects.set(`media/${capsuleId}/summer day.jpg`, {
      bytes: photo,
      contentType: "image/jpeg",
      cacheControl: "no-cache",
      metadata: null,
    });
    await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret', 'closed')`;
    await sql`
      insert into public.messages (capsule_id, contributor_name, content_text, content_image_url)
      values (${capsuleId}::uuid, 'Daniel', 'The lake, every summer.', ${`media/${capsuleId}/summer day.jpg`})`;
    expect(await keepsake(["enqueue", capsuleId, "--json"], settings)).toMatchObject({ exitCode: 0 });
    expect(lastJson(await keepsake(["status", "--json"], settings))).toMatchObject({ visibleCount: 1 });

    const worked = await keepsake(["work", "--until-empty", "--json"], settings);
    expect(worked, worked.stderr).toMatchObject({ exitCode: 0 });
    expect(lastJson(worked)).toMatchObject({ outcomes: { published: 1 } });
    expect(worked.stdout + worked.stderr).not.toContain(settings["SUPABASE_SERVICE_ROLE_KEY"]);

    const [row] = await sql`
      select c.status, c.final_video_url as url, a.heartbeat_at > a.started_at as beaten, a.stage
      from public.capsules as c join keepsake.attempts as a on a.capsule_id = c.id
      where c.id = ${capsuleId}::uuid`;
    expect(row).toMatchObject({ status: "completed", beaten: true, stage: expect.any(String) as string });
    expect(row?.["url"]).toMatch(`${project.url}/storage/v1/object/public/videos/${capsuleId}.mp4`);
    await writeFile(
      path.join(folder, "film.mp4"),
      storage.objects.get(`videos/${capsuleId}.mp4`)?.bytes ?? "",
    );
    expect((await probeFilm(path.join(folder, "film.mp4"))).video).toMatchObject({ width: 640, height: 360 });
    expect(lastJson(await keepsake(["films", "--json"], settings))).toMatchObject([
      { capsuleId, state: "published" },
    ]);
  });

  it("a job that can never be a film ends as a dead letter, which can be retried and discarded", async () => {
    const job = {
      capsule_id: otherId,
      job_type: "generate_video",
      status: "pending",
      priority: 1,
      retry_count: 0,
    };
    await sql`select pgmq.send('video_jobs_queue'::text, ${sql.json(job)}::jsonb)`;
    await keepsake(["work", "--until-empty"], settings);
    expect(lastJson(await keepsake(["failed", "list", "--json"], settings))).toMatchObject([
      { capsuleId: otherId, code: "capsule-not-found" },
    ]);
    expect(lastJson(await keepsake(["failed", "retry", "1", "--json"], settings))).toEqual({
      retried: 1,
      msgId: "3",
    });
    await keepsake(["work", "--until-empty"], settings);
    expect(await keepsake(["failed", "discard", "2"], settings)).toMatchObject({ exitCode: 0 });
    expect(lastJson(await keepsake(["failed", "list", "--json"], settings))).toEqual([]);
  });

  it("the same capsule enqueued again fetches none of its files", async () => {
    storage.requests.length = 0;
    await keepsake(["enqueue", capsuleId], settings);
    const worked = await keepsake(["work", "--until-empty", "--json"], settings);
    expect(lastJson(worked), worked.stderr).toMatchObject({ outcomes: { duplicate: 1 } });
    const asked = storage.requests.filter(({ path: one }) => one.includes("/media/"));
    expect(asked.map(({ method }) => method)).toEqual(["HEAD"]);
  });

  it("a capsule is forgotten, in Storage and in the database", async () => {
    const ran = await keepsake(["forget", capsuleId, "--yes", "--json"], settings);
    expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
    expect(lastJson(ran)).toMatchObject({
      objects: [`${capsuleId}.mp4`, `${capsuleId}.jpg`, `${capsuleId}.vtt`],
      records: { films: 1, attempts: 2, address: "cleared" },
    });
    expect(storage.objects.has(`videos/${capsuleId}.mp4`)).toBe(false);
    const [row] = await sql`select final_video_url as url from public.capsules where id = ${capsuleId}::uuid`;
    expect(row).toEqual({ url: null });
  });

  it("a visitor's key is rejected, with a sentence that says why", async () => {
    const visitor = { ...settings, SUPABASE_SERVICE_ROLE_KEY: lite?.publishableKey ?? "" };
    const ran = await keepsake(["status"], visitor);
    expect(ran.exitCode, ran.stderr).toBe(3);
    expect(ran.stderr).toContain("database-refused");
    expect(ran.stderr).not.toContain(visitor.SUPABASE_SERVICE_ROLE_KEY);
  });
});
