import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import path from "node:path";

import postgres from "postgres";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { openTestDatabase } from "../database.js";
import { openStorageServer, type StorageServer } from "../integration/storage/storage-server.js";
import { keepsake, lastJson } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

const capsuleId = "5f0c7a52-1111-4a54-9d0b-6d1f3d4c9a12";
const key = "sb_secret_0123456789abcdefghijkl";
const film = `videos/${capsuleId}.mp4`;

const folder = useFolder();
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let storage: StorageServer;
let elsewhere: Server;
let sql: postgres.Sql;
let settings: Record<string, string>;

async function putPhoto(name: string, background: string): Promise<void> {
  const bytes = await sharp({ create: { width: 640, height: 360, channels: 3, background } })
    .png()
    .toBuffer();
  storage.objects.set(name, { bytes, contentType: "image/png", cacheControl: "", metadata: null });
}

/** Enqueues the capsule, lets a worker end its job, and says how, and what was asked for of media and of the film. */
async function workAgain(changed: Readonly<Record<string, string>> = {}) {
  storage.requests.length = 0;
  await keepsake(["enqueue", capsuleId], settings);
  const ran = await keepsake(["work", "--until-empty", "--json"], { ...settings, ...changed });
  expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
  const [{ outcomes }] = [lastJson(ran) as { outcomes: Record<string, number> }];
  const asked = storage.requests
    .filter(({ path: one }) => one.includes("/media/") || one.includes("/photos/"))
    .map(({ method }) => method);
  return {
    outcome: Object.keys(outcomes).filter((one) => (outcomes[one] ?? 0) > 0),
    gets: asked.filter((method) => method === "GET").length,
    heads: asked.filter((method) => method === "HEAD").length,
  };
}

beforeAll(async () => {
  database = await openTestDatabase();
  storage = await openStorageServer({
    key,
    buckets: {
      videos: { public: true, file_size_limit: null },
      media: { public: false, file_size_limit: null },
      photos: { public: true, file_size_limit: null },
    },
  });
  // Without an ETag.
  elsewhere = createServer((_request, response) => void response.end("nothing")).listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
  sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
  settings = {
    DATABASE_URL: database.url,
    SUPABASE_URL: storage.url,
    SUPABASE_SERVICE_ROLE_KEY: key,
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
    KEEPSAKE_SIZE: "360x360",
    KEEPSAKE_QUALITY: "draft",
    KEEPSAKE_LOG: "warn",
  };
  await putPhoto(`media/${capsuleId}/a.png`, "#8a9a5b");
  await putPhoto("photos/b.png", "#5b3a29");
  await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret', 'closed')`;
  for (const [index, reference] of [
    `media/${capsuleId}/a.png`,
    `${storage.url}/storage/v1/object/public/photos/b.png`,
    `media/${capsuleId}/gone.png`,
  ].entries()) {
    await sql`
      insert into public.messages (capsule_id, contributor_name, content_image_url, submitted_at)
      values (${capsuleId}::uuid, 'Daniel', ${reference}, now() + ${`${index} hours`}::interval)`;
  }
});
afterAll(async () => {
  await sql.end();
  elsewhere.close();
  await storage[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

describe("an unchanged capsule that is enqueued again", () => {
  beforeEach(async () => {
    const [row] = await sql`select status from public.capsules where id = ${capsuleId}::uuid`;
    if (row?.["status"] === "completed") return;
    expect(await workAgain()).toMatchObject({ outcome: ["published"] });
  });

  it("an unchanged capsule costs one request without a body per file each time it is enqueued", async () => {
    for (const _ of [1, 2]) {
      const { outcome, heads, gets } = await workAgain();
      expect(outcome).toEqual(["duplicate"]);
      // A missing file has no reply to HEAD, and is requested once more.
      expect([heads, gets]).toEqual([3, 1]);
    }
    const attempts = await sql`select outcome, fingerprint from keepsake.attempts order by id`;
    expect(new Set(attempts.map(({ fingerprint }) => fingerprint as string)).size).toBe(1);
  });

  it("an unchanged capsule that was closed again is completed again", async () => {
    await sql`update public.capsules set status = 'closed' where id = ${capsuleId}::uuid`;
    expect(await workAgain()).toMatchObject({ outcome: ["duplicate"] });
    const [row] = await sql`select status from public.capsules where id = ${capsuleId}::uuid`;
    expect(row?.["status"]).toBe("completed");
  });

  it("an unchanged capsule is fetched and compared after a change of settings that may matter, and not the next time", async () => {
    const changed = { KEEPSAKE_MEDIA_BUCKETS: "media/{capsule_id}" };
    expect(await workAgain(changed)).toMatchObject({ outcome: ["duplicate"], gets: 4 });
    expect(await workAgain(changed)).toMatchObject({ outcome: ["duplicate"], gets: 1 });
    expect(await workAgain()).toMatchObject({ outcome: ["duplicate"], gets: 4 });
  });

  it("an unchanged capsule is fetched where its last film was made by another version or is unknown", async () => {
    await sql`update keepsake.films set source_state = null`;
    expect(await workAgain()).toMatchObject({ outcome: ["duplicate"], gets: 3 });
    expect(await workAgain()).toMatchObject({ outcome: ["duplicate"], gets: 1 });
  });
});

describe("a capsule that looks unchanged", () => {
  const made = async (): Promise<string> => {
    const [row] = await sql`select fingerprint from keepsake.films where capsule_id = ${capsuleId}::uuid`;
    return String(row?.["fingerprint"]);
  };

  it.each([
    ["another file lies at the same path", () => putPhoto(`media/${capsuleId}/a.png`, "#204060")],
    ["a file came that was missing", () => putPhoto(`media/${capsuleId}/gone.png`, "#402060")],
    ["a file was taken away", () => Promise.resolve(storage.objects.delete("photos/b.png"))],
  ])("a film is made again where %s", async (_what, change) => {
    const before = await made();
    await change();
    expect(await workAgain()).toMatchObject({ outcome: ["published"] });
    expect(await made()).not.toBe(before);
  });

  it("a film is made again where it was deleted or replaced in Storage", async () => {
    const before = await made();
    const bytes = storage.objects.get(film);
    if (bytes === undefined) throw new Error("There is no film.");
    const strange = { ...bytes, metadata: { sha256: "0", fingerprint: "0" } };
    for (const change of [() => storage.objects.delete(film), () => storage.objects.set(film, strange)]) {
      change();
      expect(await workAgain()).toMatchObject({ outcome: ["published"] });
      expect(await made()).toBe(before);
      expect(storage.objects.get(film)?.metadata).toMatchObject({ fingerprint: before });
    }
    expect(await workAgain()).toMatchObject({ outcome: ["duplicate"], gets: 1 });
  });

  it("a capsule is fetched each time where a server sends no version of a file", async () => {
    const { port } = elsewhere.address() as AddressInfo;
    const reference = `${storage.url.replace(/:\d+$/, `:${port}`)}/a.png`;
    await sql`
      insert into public.messages (capsule_id, content_text, content_image_url)
      values (${capsuleId}::uuid, 'The lake.', ${reference})`;
    const hosts = { KEEPSAKE_MEDIA_HOSTS: `127.0.0.1:${port}` };
    expect(await workAgain(hosts)).toMatchObject({ outcome: ["published"] });
    expect(await workAgain(hosts)).toMatchObject({ outcome: ["duplicate"] });
  });
});

describe("a film that is longer than films may be by now", () => {
  const shorter = { KEEPSAKE_MAX_FILM_HOURS: "0.01" };

  it("a film longer than the limit stays while its capsule is unchanged, and is rejected once it would change", async () => {
    await sql`delete from public.messages where capsule_id = ${capsuleId}::uuid and content_text is not null`;
    const words = "the lake in every summer ".repeat(30);
    await sql`insert into public.messages (capsule_id, content_text) values (${capsuleId}::uuid, ${words})`;
    expect(await workAgain()).toMatchObject({ outcome: ["published"] });
    const [row] = await sql`select duration_seconds from keepsake.films`;
    expect(Number(row?.["duration_seconds"])).toBeGreaterThan(36);

    expect(await workAgain(shorter)).toMatchObject({ outcome: ["duplicate"] });
    await sql`update keepsake.films set source_state = null`;
    const fetched = await workAgain(shorter);
    expect(fetched.outcome).toEqual(["duplicate"]);
    expect(fetched.gets).toBeGreaterThan(0);

    await sql`update public.messages set content_text = content_text || 'again' where content_text is not null`;
    expect(await workAgain(shorter)).toMatchObject({ outcome: ["rejected"] });
    const letters = lastJson(await keepsake(["failed", "--json"], settings));
    expect(letters).toMatchObject([{ code: "film-too-long" }]);
  });
});
