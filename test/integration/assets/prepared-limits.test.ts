import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import path from "node:path";

import sharp from "sharp";
import { beforeAll, expect, it } from "vitest";

import { createFetcher } from "../../../dist/assets/fetch/create-fetcher.js";
import { prepareAssets, type PrepareAssetsOptions } from "../../../dist/assets/prepare-assets.js";
import { createDiskCache, noCache } from "../../../dist/cache/disk-cache.js";
import { parseRows } from "../../../dist/capsule/parse-rows.js";
import { watchLength } from "../../../dist/film/plan/film-length.js";
import { createLog } from "../../../dist/log.js";
import { plainSettings } from "../../plain-settings.js";
import { waveFile } from "../../wave-file.js";
import { useFolder } from "../../use-folder.js";

const log = createLog("silent", false);
const soundCount = 12;
const soundSeconds = 10;
/** The size of ten seconds of decoded sound: stereo, float32, 48 kHz. */
const decodedBytes = soundSeconds * 48_000 * 8;

const base = useFolder();
let sources: string;
beforeAll(async () => {
  sources = path.join(base, "sources");
  await mkdir(sources);
  for (let index = 0; index < soundCount; index++) {
    const samples = Int16Array.from({ length: 8000 * soundSeconds }, (_, at) =>
      Math.round(8000 * Math.sin((2 * Math.PI * (300 + index) * at) / 8000)),
    );
    await writeFile(
      path.join(sources, `${index}.wav`),
      waveFile(samples, { sampleRate: 8000, channelCount: 1 }),
    );
  }
  await sharp({ create: { width: 2000, height: 1500, channels: 3, background: "#8a9a5b" } })
    .jpeg()
    .toFile(path.join(sources, "photo.jpg"));
});

const { capsule, messages } = parseRows(
  { id: "5f0c7a52-0000-4a54-9d0b-6d1f3d4c9a44", title: "Margaret", status: "closed" },
  Array.from({ length: soundCount }, (_, index) => ({ id: `m${index}`, content_audio_url: `${index}.wav` })),
);
const photos = parseRows(capsule, [{ id: "p", content_image_url: "photo.jpg" }]).messages;

async function prepare(change: Partial<PrepareAssetsOptions>) {
  const folder = await mkdtemp(path.join(base, "film-"));
  const prepared = prepareAssets({
    content: { capsule, messages },
    fetcher: createFetcher({ objects: null, allowedHosts: [], ownOrigin: null, relativeTo: sources }),
    folder,
    cache: noCache,
    concurrency: 1,
    signal: new AbortController().signal,
    isLast: true,
    onProgress: () => undefined,
    log,
    ...change,
  });
  const decoded = async (): Promise<number> =>
    (await readdir(path.join(folder, "media"))).filter((name) => name.endsWith(".f32")).length;
  return { prepared, decoded };
}

it("rejects a film as too long as soon as its recordings are, and decodes no more of them", async () => {
  // Three of them fit.
  const settings = { ...plainSettings, maxSeconds: 3.5 * soundSeconds };
  const { prepared, decoded } = await prepare({ onPrepared: watchLength(messages, settings).update });
  await expect(prepared).rejects.toMatchObject({ code: "film-too-long", fault: "job" });
  expect(await decoded()).toBe(4);
});

it("rejects a film as too long by cached recordings, without decoding any", async () => {
  const cache = createDiskCache({ folder: path.join(base, "cache"), limitBytes: 1e9, log });
  await (
    await prepare({ cache })
  ).prepared;
  const settings = { ...plainSettings, maxSeconds: 3.5 * soundSeconds };
  const stages = new Set<string>();
  const { prepared } = await prepare({
    cache,
    onPrepared: watchLength(messages, settings).update,
    onProgress: ({ stage }) => stages.add(stage),
  });
  await expect(prepared).rejects.toMatchObject({ code: "film-too-long" });
  expect([...stages]).toEqual(["fetching"]);
  const tight = await prepare({ cache, maxPreparedBytes: 3.5 * decodedBytes });
  await expect(tight.prepared).rejects.toMatchObject({ code: "prepared-too-large" });
});

it("counts a recording of two messages twice in the film, and once on the disk", async () => {
  const [first] = messages;
  if (first === undefined) throw new Error("There is no message.");
  const twice = { capsule, messages: [first, { ...first, id: "again" }] };
  const once = await prepare({ content: twice, maxPreparedBytes: 1.5 * decodedBytes });
  await expect(once.prepared).resolves.toBeDefined();
  const settings = { ...plainSettings, maxSeconds: 1.5 * soundSeconds };
  const long = await prepare({ content: twice, onPrepared: watchLength(twice.messages, settings).update });
  await expect(long.prepared).rejects.toMatchObject({ code: "film-too-long" });
});

it("rejects a capsule whose decoded files together are too large, and reports none of them", async () => {
  const { prepared, decoded } = await prepare({ maxPreparedBytes: 3.5 * decodedBytes });
  await expect(prepared).rejects.toMatchObject({
    code: "prepared-too-large",
    fault: "job",
    message: expect.stringMatching(
      /together are larger than 13 MB when decoded.*KEEPSAKE_MAX_PREPARED_BYTES/,
    ) as string,
  });
  // The fourth had what the three left: it was stopped at its limit, or refused when it was there.
  expect(await decoded()).toBeLessThanOrEqual(4);
});

it("stops a process that writes more than the remaining space, also for photos", async () => {
  const { prepared } = await prepare({ content: { capsule, messages: photos }, maxPreparedBytes: 2 ** 20 });
  await expect(prepared).rejects.toMatchObject({ code: "prepared-too-large" });
});

it("checks the disk before each file is decoded, and leaves the required space free", async () => {
  const onPrepared = () => expect.unreachable("A file was prepared.");
  const { prepared, decoded } = await prepare({ minFreeBytes: Number.MAX_SAFE_INTEGER, onPrepared });
  await expect(prepared).rejects.toMatchObject({
    code: "disk-full",
    fault: "setup",
    message: expect.stringContaining("KEEPSAKE_WORK_FOLDER") as string,
  });
  expect(await decoded()).toBe(0);
});

it("prepares all files without a limit", async () => {
  const { prepared, decoded } = await prepare({});
  const { assets } = await prepared;
  expect([...assets.values()].every(({ voice }) => voice?.sampleCount === soundSeconds * 48_000)).toBe(true);
  expect(await decoded()).toBe(soundCount);
});
