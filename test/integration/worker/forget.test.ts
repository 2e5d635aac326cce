/** Forgetting with a real database, both stores, and the caches of two machines. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { cacheKey } from "../../../dist/cache/cache-key.js";
import { createDiskCache, type DiskCache } from "../../../dist/cache/disk-cache.js";
import { createLog } from "../../../dist/log.js";
import { sendHeartbeat } from "../../../dist/queue/heartbeat.js";
import { publishFilm } from "../../../dist/queue/publish-film.js";
import { finishAttempt } from "../../../dist/queue/finish-attempt.js";
import { startSweeping } from "../../../dist/queue/sweep.js";
import type { FilmStore } from "../../../dist/storage/film-store.js";
import { createFolderStore } from "../../../dist/storage/folder-store.js";
import { forgetCapsule } from "../../../dist/worker/forget-capsule.js";
import { createForgetter } from "../../../dist/worker/forget-removed.js";
import { filmOf, never, openQueueRig, type QueueRig } from "../queue/queue-rig.js";
import { openStorageRig, type StorageRig } from "../storage/storage-rig.js";

const log = createLog("silent", false);

let rig: QueueRig;
let storage: StorageRig;
let root: string;
/** The cache of the operator's machine, and that of a worker's machine. */
let caches: { readonly here: DiskCache; readonly there: DiskCache };
let broken = false;
beforeAll(async () => {
  rig = await openQueueRig();
  storage = await openStorageRig({
    intercept: ({ method }, response) => {
      if (!broken || method !== "DELETE") return false;
      response.writeHead(503).end();
      return true;
    },
  });
});
beforeEach(async () => {
  broken = false;
  storage.server.objects.clear();
  root = await mkdtemp(path.join(tmpdir(), "keepsake-forget-"));
  const openCache = (name: string) =>
    createDiskCache({ folder: path.join(root, name), limitBytes: 1e6, log });
  caches = { here: openCache("here"), there: openCache("there") };
  await rig.clear();
  return async () => await rm(root, { recursive: true });
});
afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
});

const openStore = (): FilmStore => storage.open({ bucket: "closed", retrySeconds: 0.1 });

async function putFilm(store: FilmStore, capsuleId: string): Promise<void> {
  for (const extension of ["jpg", "vtt", "mp4"]) {
    await store.put(storage.upload("small", { path: `${capsuleId}.${extension}` }));
  }
}

async function publishOne(store: FilmStore): Promise<string> {
  const { capsuleId, job } = await rig.startFilm();
  await putFilm(store, capsuleId);
  const url = `https://films.example/${store.bucket}/${capsuleId}.mp4`;
  expect(await publishFilm(rig.database, job, { ...filmOf(capsuleId), url })).toBe("published");
  for (const cache of Object.values(caches)) await keepEntry(cache, capsuleId);
  return capsuleId;
}

async function keepEntry(cache: DiskCache, capsuleId: string): Promise<void> {
  const file = path.join(root, `segment-${capsuleId}`);
  await writeFile(file, "pictures");
  await cache.ownedBy(capsuleId).store(cacheKey("test", capsuleId), { value: 1, files: { segment: file } });
  await rm(file);
}

const isKept = async (cache: DiskCache, capsuleId: string): Promise<boolean> =>
  (await cache.get(cacheKey("test", capsuleId))) !== null;

const forget = async (capsuleId: string, store: FilmStore, waitSeconds = 30, onWait = () => undefined) =>
  await forgetCapsule(capsuleId, {
    database: rig.database,
    store,
    cache: caches.here,
    operator: "maria",
    waitSeconds,
    onWait,
    signal: never,
  });

const createWorkersForgetter = (store: FilmStore, keepDays = 90) =>
  createForgetter({
    database: rig.database,
    store,
    cache: caches.there,
    workerName: "worker-a",
    keepDays,
    log,
  });

describe("an operator who forgets a capsule", () => {
  it.each([
    ["Storage", openStore],
    ["a folder", () => createFolderStore({ folder: path.join(root, "films"), bucket: "closed" })],
  ])(
    "removes it from %s, from this machine at once, and from others with their next sweep",
    async (_what, open) => {
      const store = open();
      const capsuleId = await publishOne(store);
      const neighbour = await publishOne(store);
      const workers = createWorkersForgetter(store);
      await workers(never);
      expect(await forget(capsuleId, store)).toMatchObject({
        objects: [`${capsuleId}.mp4`, `${capsuleId}.jpg`, `${capsuleId}.vtt`],
        elsewhere: null,
        cacheEntries: 1,
        records: { films: 1, attempts: 1, address: "cleared" },
      });
      expect(await isKept(caches.here, capsuleId)).toBe(false);
      expect(await isKept(caches.there, capsuleId)).toBe(true);
      await workers(never);
      expect(await isKept(caches.there, capsuleId)).toBe(false);
      for (const cache of Object.values(caches)) expect(await isKept(cache, neighbour)).toBe(true);
      expect(await store.remove([`${neighbour}.mp4`], never)).toHaveLength(1);
      expect(await forget(capsuleId, store)).toMatchObject({
        objects: [],
        cacheEntries: 0,
        records: { films: 0 },
      });
    },
  );

  it("waits for the worker that is making its film to stop, and removes what that had uploaded", async () => {
    const store = openStore();
    const { capsuleId, job } = await rig.startFilm();
    await putFilm(store, capsuleId);
    let waits = 0;
    const forgetting = forget(capsuleId, store, 60, () => void (waits += 1));
    await expect.poll(async () => await sendHeartbeat(rig.database, job, 120, null)).toBe("cancelled");
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("cancelled");
    const end = { outcome: "cancelled", code: null, message: null } as const;
    await finishAttempt(rig.database, job, end);
    expect((await forgetting).objects).toHaveLength(3);
    expect(waits).toBe(1);
    expect(storage.server.objects.size).toBe(0);
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("lost");
  });

  it("gives up on a worker that does not stop, having kept the film from being published", async () => {
    const store = openStore();
    const { capsuleId, job } = await rig.startFilm();
    await expect(forget(capsuleId, store, 0)).rejects.toMatchObject({ code: "capsule-in-use" });
    expect(await publishFilm(rig.database, job, filmOf(capsuleId))).toBe("cancelled");
  });

  it("loses no record where the storage fails, and completes when it is repeated", async () => {
    const store = openStore();
    const capsuleId = await publishOne(store);
    broken = true;
    await expect(forget(capsuleId, store)).rejects.toMatchObject({ code: "storage-unavailable" });
    expect(await rig.sql`select 1 from keepsake.films where url is not null`).toHaveLength(1);
    broken = false;
    expect(await forget(capsuleId, store)).toMatchObject({ records: { films: 1 } });
    expect(storage.server.objects.size).toBe(0);
  });

  it("gets a report of a film that was published to another bucket", async () => {
    const capsuleId = await publishOne(openStore());
    const elsewhere = await forget(capsuleId, storage.open({ bucket: "videos" }));
    expect(elsewhere).toMatchObject({
      objects: [],
      elsewhere: `https://films.example/closed/${capsuleId}.mp4`,
    });
    expect((await forget(capsuleId, openStore())).objects).toHaveLength(3);
  });
});

describe("the sweep of a worker", () => {
  async function deleteCapsule(capsuleId: string, daysAgo: number): Promise<void> {
    await rig.sql`delete from public.messages where capsule_id = ${capsuleId}::uuid`;
    await rig.sql`delete from public.capsules where id = ${capsuleId}::uuid`;
    await rig.sql`
      update keepsake.films set gone_at = clock_timestamp() - make_interval(days => ${daysAgo}::integer)
      where capsule_id = ${capsuleId}::uuid`;
  }

  it("removes the film of a deleted capsule after its days, not before, and not where days are 0", async () => {
    const store = openStore();
    const [old, recent, there] = [await publishOne(store), await publishOne(store), await publishOne(store)];
    await deleteCapsule(old, 91);
    await deleteCapsule(recent, 89);
    await createWorkersForgetter(store, 0)(never);
    expect(storage.server.objects.size).toBe(9);
    const sweeping = startSweeping({
      database: rig.database,
      workerName: "worker-a",
      everySeconds: 300,
      keepDays: 90,
      afterSweep: createWorkersForgetter(store),
      log,
    });
    await expect.poll(() => storage.server.objects.size).toBe(6);
    await expect.poll(async () => await isKept(caches.there, old)).toBe(false);
    await sweeping[Symbol.asyncDispose]();
    expect(await isKept(caches.there, recent)).toBe(true);
    const films = await rig.sql<{ id: string }[]>`select capsule_id as id from keepsake.films`;
    expect(films.map(({ id }) => id).toSorted()).toEqual([recent, there].toSorted());
  });

  it("leaves objects that the storage does not remove now to a later sweep, and no two workers remove the same", async () => {
    const store = openStore();
    const capsuleId = await publishOne(store);
    await deleteCapsule(capsuleId, 91);
    broken = true;
    await createWorkersForgetter(store)(never);
    expect(storage.server.objects.size).toBe(3);
    expect(await rig.sql`select 1 from keepsake.films`).toHaveLength(1);
    broken = false;
    // It is still the first one's, for all that anybody knows.
    await createWorkersForgetter(store)(never);
    expect(storage.server.objects.size).toBe(3);
    await rig.sql`update keepsake.films set removing_at = removing_at - interval '11 minutes'`;
    const before = storage.sent("DELETE");
    await Promise.all([createWorkersForgetter(store)(never), createWorkersForgetter(store)(never)]);
    expect(storage.sent("DELETE") - before).toBe(3);
    expect(storage.server.objects.size).toBe(0);
    expect(await rig.sql`select 1 from keepsake.films`).toHaveLength(0);
  });

  it("leaves no folder of a cache that it did not need", async () => {
    expect(await readdir(root)).toEqual([]);
    await createWorkersForgetter(openStore())(never);
    expect(await readdir(root)).toEqual([]);
  });
});
