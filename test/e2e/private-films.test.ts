/** A project whose films are private, from `migrate` to the address that its app signs; and a capsule that is forgotten. */
import { readdir } from "node:fs/promises";
import path from "node:path";

import { StorageClient } from "@supabase/storage-js";
import postgres from "postgres";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { appSchemaSql } from "../../dist/embedded/app-schema.js";
import { openTestDatabase } from "../database.js";
import {
  openStorageServer,
  type BucketRow,
  type StorageServer,
} from "../integration/storage/storage-server.js";
import { keepsake, lastJson } from "./keepsake.js";
import { probeFilm } from "./probe-film.js";
import { useFolder } from "../use-folder.js";

const capsuleId = "5f0c7a52-4444-4a54-9d0b-6d1f3d4c9a10";
const otherId = "5f0c7a52-5555-4a54-9d0b-6d1f3d4c9a10";
const key = "sb_secret_0123456789abcdefghijkl";

const folder = useFolder();
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let storage: StorageServer;
const buckets: Record<string, BucketRow> = {};
let sql: postgres.Sql;
let settings: Record<string, string>;

beforeAll(async () => {
  database = await openTestDatabase("template0");
  storage = await openStorageServer({ key, buckets });
  sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
  await sql.unsafe(appSchemaSql);
  await sql.unsafe(`
    create schema storage;
    create table storage.buckets (id text primary key, name text not null unique, public boolean)`);
  settings = {
    DATABASE_URL: database.url,
    SUPABASE_URL: storage.url,
    SUPABASE_SERVICE_ROLE_KEY: key,
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
    KEEPSAKE_SIZE: "640x360",
    KEEPSAKE_QUALITY: "draft",
    KEEPSAKE_OPERATOR: "maria",
    KEEPSAKE_LOG: "warn",
  };
});
afterAll(async () => {
  await sql.end();
  await storage[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  expect(await readdir(path.join(folder, "films"))).toEqual([]);
});

/** Storage reads its buckets from their table. */
async function readBuckets(): Promise<void> {
  const rows = await sql<{ name: string; public: boolean }[]>`select name, public from storage.buckets`;
  for (const row of rows) buckets[row.name] = { public: row.public, file_size_limit: null };
}

async function privacy(): Promise<unknown> {
  const { checks } = lastJson(await keepsake(["doctor", "--json"], settings)) as {
    checks: { name: string }[];
  };
  return checks.find(({ name }) => name === "privacy");
}

async function makeFilm(id: string, words: string): Promise<string> {
  await sql`
    insert into public.capsules (id, title, status) values (${id}::uuid, 'Margaret', 'closed')
    on conflict (id) do update set status = 'closed'`;
  await sql`
    insert into public.messages (capsule_id, contributor_name, content_text)
    values (${id}::uuid, 'Daniel', ${words})`;
  await keepsake(["enqueue", id], settings);
  const worked = await keepsake(["work", "--until-empty", "--json"], settings);
  expect(lastJson(worked), worked.stderr).toMatchObject({ outcomes: { published: 1 } });
  const [row] = await sql`select status, final_video_url as url from public.capsules where id = ${id}::uuid`;
  expect(row?.["status"]).toBe("completed");
  return String(row?.["url"]);
}

/** The lines of docs/storage.md, with what is in them of supabase-js. */
async function signAddresses(id: string) {
  const { data } = await new StorageClient(`${storage.url}/storage/v1`, { apikey: key })
    .from("videos")
    .createSignedUrls([`${id}.mp4`, `${id}.jpg`, `${id}.vtt`], 3600);
  const [film, poster, captions] = (data ?? []).map(({ signedUrl }) => signedUrl);
  return { film: film ?? "", poster: poster ?? "", captions: captions ?? "" };
}

describe("a private bucket for films", () => {
  it("migrate --private creates a private bucket, and doctor reports it", async () => {
    const ran = await keepsake(["migrate", "--private"], settings);
    expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
    expect(ran.stdout).toContain("created the private bucket videos");
    expect((await keepsake(["migrate"], settings)).stdout).not.toContain("bucket");
    await readBuckets();
    expect(await privacy()).toMatchObject({ ok: true, message: expect.stringMatching(/^Films are private/) });
  });

  it("a private bucket holds film, poster and captions, which open only by signed addresses", async () => {
    const url = await makeFilm(capsuleId, "The lake, every summer.");
    const authenticated = `${storage.url}/storage/v1/object/authenticated/videos/${capsuleId}.mp4`;
    expect(url).toMatch(new RegExp(`^${authenticated}\\?v=[\\da-f]{12}$`));
    const unsigned = [
      url,
      authenticated.replace("authenticated", "public"),
      authenticated.replace("authenticated", "sign"),
    ];
    for (const address of unsigned) expect((await fetch(address)).status).toBe(400);

    const signed = await signAddresses(capsuleId);
    // A player opens it like this, by its address and in parts.
    expect((await probeFilm(signed.film)).video).toMatchObject({ width: 640, height: 360 });
    const part = await fetch(signed.film, { headers: { range: "bytes=100-" } });
    expect([part.status, part.headers.get("content-type")]).toEqual([206, "video/mp4"]);
    const poster = await (await fetch(signed.poster)).arrayBuffer();
    expect(await sharp(poster).metadata()).toMatchObject({ format: "jpeg", width: 640 });
    const captions = await fetch(signed.captions);
    expect(captions.headers.get("content-type")).toBe("text/vtt");
    expect(await captions.text()).toContain("The lake, every summer.");
  });

  it("a worker recognises an unchanged film in a private bucket, and replaces a changed one", async () => {
    const stored = storage.objects.get(`videos/${capsuleId}.mp4`);
    await keepsake(["enqueue", capsuleId], settings);
    const again = await keepsake(["work", "--until-empty", "--json"], settings);
    expect(lastJson(again), again.stderr).toMatchObject({ outcomes: { duplicate: 1 } });
    expect(storage.objects.get(`videos/${capsuleId}.mp4`)).toBe(stored);
    const [before] = await sql`select url from keepsake.films`;
    const url = await makeFilm(capsuleId, "She laughed the loudest.");
    expect(url).not.toBe(before?.["url"]);
    expect(await (await fetch((await signAddresses(capsuleId)).captions)).text()).toContain(
      "She laughed the loudest.",
    );
  });
});

describe("keepsake forget", () => {
  it("forget asks first, and does nothing without an answer", async () => {
    const ran = await keepsake(["forget", capsuleId], settings);
    expect(ran.exitCode).toBe(2);
    expect(ran.stderr).toMatch(/for good, with all records of it: confirm it with --yes\. \[not-confirmed\]/);
    expect(storage.objects.has(`videos/${capsuleId}.mp4`)).toBe(true);
  });

  it("forget removes film, poster, captions, cache entries and records of one capsule, and leaves those of another", async () => {
    await makeFilm(otherId, "The lake, every summer.");
    const signed = await signAddresses(capsuleId);
    const entries = async (): Promise<number> => (await readdir(path.join(folder, "cache/entries"))).length;
    const before = await entries();
    const ran = await keepsake(["forget", capsuleId, "--yes", "--json"], settings);
    expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
    const forgotten = lastJson(ran) as { cacheEntries: number };
    expect(forgotten).toMatchObject({
      capsuleId,
      capsuleStatus: "completed",
      objects: [`${capsuleId}.mp4`, `${capsuleId}.jpg`, `${capsuleId}.vtt`],
      elsewhere: null,
      records: { films: 1, attempts: 3, jobs: 3, deadLetters: 0, operations: 3, address: "cleared" },
    });
    expect(forgotten.cacheEntries).toBeGreaterThan(0);
    expect(await entries()).toBe(before - forgotten.cacheEntries);
    for (const address of Object.values(signed)) expect((await fetch(address)).status).toBe(400);
    expect([...storage.objects.keys()].toSorted()).toEqual(
      ["jpg", "mp4", "vtt"].map((extension) => `videos/${otherId}.${extension}`),
    );
    const rows = await sql`select id, final_video_url is null as empty from public.capsules order by id`;
    expect(rows).toEqual([
      { id: capsuleId, empty: true },
      { id: otherId, empty: false },
    ]);
    expect(ran.stdout + ran.stderr).not.toContain("lake");
    const log = lastJson(await keepsake(["log", "--limit", "1", "--json"], settings));
    expect(log).toMatchObject([{ action: "forget", capsuleId, doneBy: "maria" }]);
  });

  it("forget can be repeated, and reports what it removed", async () => {
    const again = await keepsake(["forget", capsuleId, "--yes"], settings);
    expect(again).toMatchObject({ exitCode: 0 });
    expect(again.stdout).toBe(
      "The storage had no file of it.\nThere was no record of it.\n" +
        `No sweep makes its film again; \`keepsake enqueue ${capsuleId}\` does.\n`,
    );
    const other = await keepsake(["forget", otherId, "--yes"], settings);
    expect(other.stdout).toContain(
      `Removed from the storage: ${otherId}.mp4, ${otherId}.jpg, ${otherId}.vtt.`,
    );
    expect(other.stdout).toMatch(/Deleted the records of 1 film, 1 attempt, 1 job, 1 operation\./);
    expect(other.stdout).toContain("final_video_url is now empty");
    expect(storage.objects.size).toBe(0);
  });
});

describe("a bucket that is public", () => {
  it("migrate --private leaves a public bucket public and says what that means, and makes it private only on an explicit request", async () => {
    await sql`update storage.buckets set public = true`;
    await readBuckets();
    expect(await privacy()).toMatchObject({
      ok: true,
      warning: true,
      message: expect.stringContaining("anyone who knows a capsule's id can see its film"),
    });
    const ran = await keepsake(["migrate", "--private"], settings);
    expect(ran.stdout).toMatch(/note: The bucket videos exists and is public, and stays so/);
    const url = await makeFilm(capsuleId, "By the water.");
    expect((await fetch(url)).status).toBe(200);

    expect((await keepsake(["migrate", "--make-private"], settings)).stdout).toContain(
      "made the bucket videos private",
    );
    await readBuckets();
    // The address that was given out opens nothing any more; the app's, which it signs by the capsule's id, does.
    expect((await fetch(url)).status).toBe(400);
    expect((await fetch((await signAddresses(capsuleId)).film)).status).toBe(200);
    await keepsake(["enqueue", capsuleId], settings);
    const again = await keepsake(["work", "--until-empty", "--json"], settings);
    expect(lastJson(again), again.stderr).toMatchObject({ outcomes: { duplicate: 1 } });
  });
});
