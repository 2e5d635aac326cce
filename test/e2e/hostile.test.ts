import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";

import postgres from "postgres";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openPeakWatch } from "../../dist-tools/bench/process-tree.js";
import { findProcesses } from "../chaos/find-processes.js";
import { openTestDatabase } from "../database.js";
import { findColours } from "./find-colours.js";
import { makeHostileFiles, type HostileFile } from "./hostile-files.js";
import { keepsake, lastJson } from "./keepsake.js";
import { useFolder } from "../use-folder.js";

interface Warning {
  readonly messageId: string;
  readonly field: string;
  readonly code: string;
  readonly reason: string;
}

const corpus = fileURLToPath(new URL("../../../shared/corpus/hostile", import.meta.url));
const columns = ["content_image_url", "content_audio_url", "content_video_url"] as const;
/** The colours of the good files. The test finds them in the film by these. */
const goodColours = ["#a02020", "#20a020", "#2020a0"] as const;
const maxMib = 600;
const filmMinutes = 15;

const folder = useFolder();
let database: Awaited<ReturnType<typeof openTestDatabase>>;
let sql: postgres.Sql;
let settings: Record<string, string>;
let canary: Awaited<ReturnType<typeof openCanary>>;

/** Counts all connections. */
async function openCanary(): Promise<AsyncDisposable & { readonly url: string; readonly visits: string[] }> {
  const visits: string[] = [];
  const server = createServer((socket) => {
    visits.push("somebody connected");
    socket.on("data", (bytes) => {
      visits.push(bytes.toString("latin1"));
      socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    });
    socket.on("error", () => undefined);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    visits,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

beforeAll(async () => {
  canary = await openCanary();
  database = await openTestDatabase();
  sql = postgres(database.url, { prepare: false, max: 1, onnotice: () => undefined });
  const { host } = new URL(canary.url);
  settings = {
    DATABASE_URL: database.url,
    KEEPSAKE_STORAGE_FOLDER: path.join(folder, "storage"),
    KEEPSAKE_MEDIA_BUCKETS: "*",
    KEEPSAKE_WORK_FOLDER: path.join(folder, "films"),
    KEEPSAKE_CACHE_FOLDER: path.join(folder, "cache"),
    // Named as allowed, so that nothing but where it leads keeps anybody away.
    KEEPSAKE_MEDIA_HOSTS: [
      host,
      host.replace("127.0.0.1", "localhost"),
      host.replace("127.0.0.1", "[::1]"),
    ].join(","),
    KEEPSAKE_SIZE: "640x360",
    KEEPSAKE_QUALITY: "draft",
    KEEPSAKE_LOG: "warn",
  };
  await mkdir(path.join(folder, "storage/media"), { recursive: true });
  for (const [index, background] of goodColours.entries()) {
    const photo = sharp({ create: { width: 1280, height: 720, channels: 3, background } });
    await photo.jpeg().toFile(path.join(folder, "storage/media", `good-${index}.jpg`));
  }
});
afterAll(async () => {
  await sql.end();
  await database[Symbol.asyncDispose]();
  await canary[Symbol.asyncDispose]();
});

describe("hostile files in one capsule with good ones", () => {
  it(
    "each hostile file gets a card with its reason, good files are shown, and nothing is reached, left or used up",
    async () => {
      const { host } = new URL(canary.url);
      const port = host.replace(/^.*:/, "");
      const files = await makeHostileFiles(canary.url, folder);
      const addresses = [
        `${canary.url}/photo.jpg`,
        `http://localhost:${port}/photo.jpg`,
        `http://[::1]:${port}/photo.jpg`,
        `http://2130706433:${port}/photo.jpg`,
        `http://0x7f000001:${port}/photo.jpg`,
        `file:///etc/passwd`,
        "/etc/passwd",
        "media/../../../../../../etc/passwd",
        "media/%2e%2e/%2e%2e/etc/passwd",
        "data:image/png;base64,iVBORw0KGgo=",
        `concat:/etc/passwd|${canary.url}`,
      ];
      await expectGoodFilm("5f0c7a52-aaaa-4a54-9d0b-6d1f3d4c9a10", files, addresses);
    },
    filmMinutes * 60_000,
  );

  it.skipIf(!existsSync(corpus))(
    "each hostile file of the shared corpus gets a card with its reason (skipped without the corpus)",
    async () => {
      const names = (await readdir(corpus)).toSorted();
      const files = names.map(async (name) => ({ name, bytes: await readFile(path.join(corpus, name)) }));
      await expectGoodFilm("5f0c7a52-bbbb-4a54-9d0b-6d1f3d4c9a10", await Promise.all(files), [], mayBeShown);
    },
    filmMinutes * 60_000,
  );
});

/** Files for which the manifest of the shared corpus expects no certain result. */
const mayBeShown: ReadonlySet<string> = new Set([
  "png_cve_2022_44268.png",
  "jpg_php_in_exif.jpg",
  "bomb_png_ztxt.png",
  "jpg_truncated_10kB.jpg",
  "mp4_audio_stsd_missing.mp4",
]);

async function expectGoodFilm(
  capsuleId: string,
  files: readonly HostileFile[],
  addresses: readonly string[],
  open: ReadonlySet<string> = new Set(),
): Promise<void> {
  for (const { name, bytes } of files) await writeFile(path.join(folder, "storage/media", name), bytes);
  const shown = new Set(files.filter(({ isShown }) => isShown === true).map(({ name }) => `media/${name}`));
  const references = [...files.map(({ name }) => `media/${name}`), ...addresses];
  await sql`insert into public.capsules (id, title, status) values (${capsuleId}::uuid, 'Margaret', 'closed')`;
  const bad = new Map<string, string>();
  const messageCount = Math.ceil(references.length / columns.length);
  for (let index = 0; index < messageCount; index += 1) {
    const named = references.slice(index * columns.length, (index + 1) * columns.length);
    const [row] = await sql<{ id: string }[]>`
      insert into public.messages (capsule_id, contributor_name, content_image_url, content_audio_url, content_video_url)
      values (${capsuleId}::uuid, 'Someone', ${named[0] ?? null}, ${named[1] ?? null}, ${named[2] ?? null})
      returning id::text`;
    for (const [column, reference] of named.entries()) bad.set(`${row?.id} ${columns[column]}`, reference);
    const good = `media/good-${index % goodColours.length}.jpg`;
    if (index < goodColours.length) {
      await sql`
        insert into public.messages (capsule_id, contributor_name, content_image_url)
        values (${capsuleId}::uuid, 'Daniel', ${good})`;
    }
  }

  const first = await makeFilm(capsuleId);
  const warned = new Set(first.map(({ messageId, field }) => `${messageId} ${field}`));
  const isGood = (place: string): boolean => shown.has(bad.get(place) ?? "") || !bad.has(place);
  expect(first.filter(({ messageId, field }) => isGood(`${messageId} ${field}`))).toEqual([]);
  const silent = [...bad].flatMap(([place, reference]) =>
    warned.has(place) ? [] : [path.basename(reference)],
  );
  expect(silent.filter((name) => !shown.has(`media/${name}`) && !open.has(name))).toEqual([]);
  for (const { code, reason } of first) {
    expect(code).toMatch(/^media-/);
    expect(reason).toMatch(/^[A-Z].{10,}\.$/s);
  }
  // Once more, of a capsule that was changed: as good as the first time.
  await sql`update public.capsules set title = 'Margaret Hollis', status = 'closed' where id = ${capsuleId}::uuid`;
  expect(describeWarnings(await makeFilm(capsuleId))).toEqual(describeWarnings(first));
}

/** One attempt from the queue to the published film, whose warnings are returned. */
async function makeFilm(capsuleId: string): Promise<readonly Warning[]> {
  expect(await keepsake(["enqueue", capsuleId], settings)).toMatchObject({ exitCode: 0 });
  using watch = openPeakWatch();
  const worked = await keepsake(["work", "--until-empty", "--json"], settings);
  expect(canary.visits).toEqual([]);
  expect(worked.exitCode, worked.stderr).toBe(0);
  expect(lastJson(worked), worked.stderr).toMatchObject({ outcomes: { published: 1 } });
  expect(Math.max(...Object.values(watch.peakMibByTask)), JSON.stringify(watch.peakMibByTask)).toBeLessThan(
    maxMib,
  );
  expect(await readdir(path.join(folder, "films"))).toEqual([]);
  expect(await findProcesses(folder)).toEqual([]);
  const film = path.join(folder, "storage/videos", `${capsuleId}.mp4`);
  expect(await findColours(film, goodColours)).toEqual(goodColours);
  expect((await readFile(film)).includes("root:x:0:0")).toBe(false);
  return await sql<Warning[]>`
    select w ->> 'message_id' as "messageId", w ->> 'field' as field, w ->> 'code' as code, w ->> 'reason' as reason
    from keepsake.films, jsonb_array_elements(warnings) as w where capsule_id = ${capsuleId}::uuid`;
}

function describeWarnings(warnings: readonly Warning[]): readonly string[] {
  return warnings
    .map(({ messageId, field, code, reason }) => `${messageId} ${field} ${code} ${reason}`)
    .toSorted();
}
