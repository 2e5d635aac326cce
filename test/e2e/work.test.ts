import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import postgres from "postgres";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openTestDatabase } from "../database.js";
import { keepsake, lastJson, startKeepsake } from "./keepsake.js";
import { probeFilm } from "./probe-film.js";
import { useFolder } from "../use-folder.js";

const capsuleId = "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a10";

const folder = useFolder();
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let sql: postgres.Sql;
let settings: Record<string, string>;

beforeEach(async () => {
  database = await openTestDatabase();
  sql = postgres(database.url, { prepare: false, max: 2, onnotice: () => undefined });
  settings = {
    DATABASE_URL: database.url,
    KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
    KEEPSAKE_MEDIA_BUCKETS: "media",
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_CACHE_FOLDER: await mkdtemp(path.join(folder, "cache-")),
    KEEPSAKE_SIZE: "640x360",
    KEEPSAKE_QUALITY: "draft",
    KEEPSAKE_LOG: "warn",
  };
  await mkdir(path.join(folder, "storage/media"), { recursive: true });
});
afterEach(async () => {
  await sql.end();
  await database[Symbol.asyncDispose]();
  // No film's folder is left behind, and so no child that still writes into one.
  expect(existsSync(path.join(folder, "films")) ? await readdir(path.join(folder, "films")) : []).toEqual([]);
});

interface SampleMessage {
  readonly name: string;
  readonly text?: string;
  readonly image?: string;
}

async function insertCapsule(messages: readonly SampleMessage[]): Promise<void> {
  await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret Hollis', 'closed')`;
  for (const [index, message] of messages.entries()) {
    await sql`
      insert into public.messages (capsule_id, contributor_name, content_text, content_image_url, submitted_at)
      values (${capsuleId}::uuid, ${message.name}, ${message.text ?? null}, ${message.image ?? null},
        ${new Date(Date.UTC(2026, 4, 1, index)).toISOString()}::timestamptz)`;
  }
}

async function writePhoto(name: string): Promise<string> {
  await sharp({ create: { width: 1200, height: 900, channels: 3, background: "#8a9a5b" } })
    .composite([
      {
        input: { create: { width: 300, height: 300, channels: 3, background: "#5b3a29" } },
        left: 600,
        top: 300,
      },
    ])
    .jpeg()
    .toFile(path.join(folder, "storage/media", name));
  return `media/${name}`;
}

async function publishedFilm(): Promise<string> {
  const [capsule] =
    await sql`select status, final_video_url from public.capsules where id = ${capsuleId}::uuid`;
  expect(capsule?.["status"]).toBe("completed");
  const url = String(capsule?.["final_video_url"]);
  expect(url).toMatch(new RegExp(`^file:///.*/videos/${capsuleId}\\.mp4\\?v=[0-9a-f]{12}$`));
  return fileURLToPath(url.replace(/\?.*$/, ""));
}

async function countRows() {
  const [counts] = await sql<{ waiting: number; archived: number; dead: number }[]>`
    select
      (select count(*)::int from pgmq.q_video_jobs_queue) as waiting,
      (select count(*)::int from pgmq.a_video_jobs_queue) as archived,
      (select count(*)::int from pgmq.q_video_jobs_dlq) as dead`;
  return counts;
}

async function outcomes(): Promise<string[]> {
  const rows = await sql<
    { outcome: string }[]
  >`select outcome from keepsake.attempts order by msg_id, read_ct`;
  return rows.map((row) => row.outcome);
}

/** Creates a login as docs/database.md describes it. */
async function createWorkerRole(): Promise<AsyncDisposable & { readonly url: string }> {
  const role = `film_worker_${randomBytes(4).toString("hex")}`;
  await sql.unsafe(`create role ${role} login password 'x' in role keepsake_worker`);
  const url = new URL(database.url);
  url.username = role;
  url.password = "x";
  return {
    url: url.href,
    [Symbol.asyncDispose]: async () => {
      await sql.unsafe(`drop role ${role}`);
    },
  };
}

describe("keepsake work", () => {
  it("work turns an enqueued capsule into a published film with the rights of a worker alone, and leaves the queue empty", async () => {
    await using worker = await createWorkerRole();
    await insertCapsule([
      { name: "Daniel", image: await writePhoto("lake.jpg"), text: "The lake, every summer." },
      { name: "Priya", text: "She gave me one bulb from her garden the year I moved away." },
    ]);
    const enqueued = await keepsake(["enqueue", capsuleId, "--json"], settings);
    expect(enqueued).toMatchObject({ exitCode: 0 });

    const asWorker = { ...settings, DATABASE_URL: worker.url };
    const refused = await keepsake(["enqueue", capsuleId], asWorker);
    expect(refused.stderr).toContain("lacks a privilege");
    const worked = await keepsake(["work", "--until-empty", "--json"], asWorker);
    expect(worked, worked.stderr).toMatchObject({ exitCode: 0 });

    const film = await publishedFilm();
    const probed = await probeFilm(film);
    expect(probed).toMatchObject({
      video: { width: 640, height: 360 },
      sound: { sampleRate: 48_000, channels: 2 },
      title: "Margaret Hollis",
    });
    const { frameCount } = probed.video ?? { frameCount: 0 };
    expect(probed.durationSeconds).toBeCloseTo(frameCount / 30, 1);
    expect(frameCount).toBeGreaterThan(30 * 20);
    expect(existsSync(film.replace(/mp4$/, "jpg"))).toBe(true);
    expect(existsSync(film.replace(/mp4$/, "vtt"))).toBe(true);
    expect(await countRows()).toEqual({ waiting: 0, archived: 1, dead: 0 });
    expect(await outcomes()).toEqual(["published"]);

    // The same capsule again is the same film: nothing is made twice.
    await keepsake(["enqueue", capsuleId], settings);
    await keepsake(["work", "--until-empty"], settings);
    expect(await outcomes()).toEqual(["published", "duplicate"]);
    expect(await countRows()).toEqual({ waiting: 0, archived: 2, dead: 0 });
  });

  it("publishes once when a worker is killed while it paints, and paints no segment twice", async () => {
    await insertCapsule([
      { name: "Daniel", image: await writePhoto("shore.jpg") },
      { name: "Priya", text: "One more summer, she always said, and there always was one more summer." },
      { name: "Samuel", text: "The blue boat, the year we both learned to swim." },
    ]);
    await keepsake(["enqueue", capsuleId], settings);
    // One segment after the other, so that some are not painted yet when the first ones are cached.
    const first = startKeepsake(["work"], { ...settings, KEEPSAKE_CORES: "1" });
    const firstEnd = once(first, "close");
    await waitUntil("A segment was cached", async () => (await cachedSegments()).size > 1);
    first.kill("SIGKILL");
    await firstEnd;
    expect(await countRows()).toEqual({ waiting: 1, archived: 0, dead: 0 });
    const before = await cachedSegments();

    // The lease of the killed worker ends. The next worker makes the film, and stops at SIGTERM.
    await sql`update pgmq.q_video_jobs_queue set vt = clock_timestamp()`;
    const second = startKeepsake(["work"], settings);
    const secondEnd = once(second, "close");
    await waitUntil("The film was published", async () => {
      const done = await sql`
        select 1 from public.capsules where id = ${capsuleId}::uuid and status = 'completed'`;
      return done.length > 0;
    });
    second.kill("SIGTERM");
    expect(await secondEnd).toEqual([0, null]);
    await probeFilm(await publishedFilm());
    expect(await outcomes()).toEqual(["crashed", "published"]);
    expect(await countRows()).toEqual({ waiting: 0, archived: 1, dead: 0 });
    // The second worker used the segments of the first, and painted the rest.
    const after = await cachedSegments();
    expect(after.size).toBeGreaterThan(before.size);
    for (const [name, usedAt] of before) expect(after.get(name), name).toBeGreaterThan(usedAt);
  });

  it("moves the job of a capsule that does not exist to the dead letters, with its reason", async () => {
    const missing = "00000000-0000-4000-8000-000000000000";
    const job = {
      capsule_id: missing,
      job_type: "generate_video",
      status: "pending",
      priority: 1,
      retry_count: 0,
    };
    await sql`select pgmq.send('video_jobs_queue'::text, ${sql.json(job)}::jsonb)`;
    expect(await keepsake(["work", "--until-empty"], settings)).toMatchObject({ exitCode: 0 });
    expect(await countRows()).toMatchObject({ waiting: 0, dead: 1 });
    const failed = await keepsake(["failed", "list", "--json"], settings);
    expect(lastJson(failed)).toMatchObject([{ capsuleId: missing, code: "capsule-not-found" }]);
  });

  it("makes the film when a photo cannot be read, keeps its message's place, and records a warning", async () => {
    await writeFile(
      path.join(folder, "storage/media/broken.jpg"),
      Buffer.from("ffd8ffe000104a464946", "hex"),
    );
    await insertCapsule([
      { name: "Samuel", image: "media/broken.jpg", text: "The blue boat, the year we both learned to swim." },
      { name: "Grace", image: "media/not-there.jpg" },
    ]);
    await keepsake(["enqueue", capsuleId], settings);
    const worked = await keepsake(["work", "--until-empty"], settings);
    expect(worked, worked.stderr).toMatchObject({ exitCode: 0 });
    await publishedFilm();
    const [attempt] = await sql<{ warnings: { field: string; code: string; reason: string }[] }[]>`
      select warnings from keepsake.attempts where outcome = 'published'`;
    expect(attempt?.warnings.map((warning) => warning.field)).toEqual([
      "content_image_url",
      "content_image_url",
    ]);
    expect(attempt?.warnings.every((warning) => warning.reason.length > 10)).toBe(true);
  });
});

describe("a start that cannot work", () => {
  it("names the setting that is missing and exits with 2", async () => {
    const ran = await keepsake(["work"], { KEEPSAKE_STORAGE_FOLDER: folder });
    expect(ran.exitCode).toBe(2);
    expect(ran.stderr).toMatch(/DATABASE_URL is not set.*Dashboard/);
  });

  it("says that a database without our schema must be migrated and exits with 3", async () => {
    await sql`drop schema keepsake cascade`;
    const ran = await keepsake(["work"], settings);
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toMatch(/keepsake migrate/);
  });

  it("says which column is missing and exits with 3", async () => {
    await sql`alter table public.messages drop column content_audio_url`;
    const ran = await keepsake(["work"], settings);
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toMatch(/content_audio_url/);
  });
});

/** The segments in the cache, with the time of the last use of each. */
async function cachedSegments(): Promise<ReadonlyMap<string, number>> {
  const entries = path.join(settings["KEEPSAKE_CACHE_FOLDER"] ?? "", "entries");
  const cached = new Map<string, number>();
  for (const name of existsSync(entries) ? await readdir(entries) : []) {
    const entry = path.join(entries, name);
    if (existsSync(path.join(entry, "segment.mp4"))) cached.set(name, (await stat(entry)).mtimeMs);
  }
  return cached;
}

async function waitUntil(what: string, isSo: () => Promise<boolean>): Promise<void> {
  await expect.poll(isSo, { message: what }).toBe(true);
}
