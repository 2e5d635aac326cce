import { mkdir, mkdtemp, open, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { createCanvas } from "@napi-rs/canvas";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";

import type { MessageAssets, PhotoAsset } from "../../../dist/media/asset.js";
import { createFetcher, type Fetcher } from "../../../dist/assets/fetch/create-fetcher.js";
import { prepareAssets } from "../../../dist/assets/prepare-assets.js";
import { createDiskCache, noCache, type DiskCache } from "../../../dist/cache/disk-cache.js";
import type { CapsuleContent, Message } from "../../../dist/capsule/content.js";
import { KeepsakeError } from "../../../dist/errors.js";
import { createFontBook } from "../../../dist/film/typography/font-book.js";
import { createLog } from "../../../dist/log.js";
import { openMediaWriter } from "../../../dist/media/film-files/open-media-writer.js";
import type { Progress } from "../../../dist/progress.js";
import { codedHeight, codedWidth, writeSampleClip } from "../media/sample-clip.js";
import { joinPngs } from "./join-pngs.js";
import { useFolder } from "../../use-folder.js";

const { signal } = new AbortController();
const base = useFolder();
let sources = "";

beforeAll(async () => {
  sources = path.join(base, "sources");
  await mkdir(sources);
  await writeSampleClip(path.join(sources, "clip.mp4"), {
    frameCount: 45,
    middle: () => 120,
    toneFromFrame: 15,
  });
  await writeVoice(path.join(sources, "voice.ogg"));
  await writePhotos();
  await writeFile(path.join(sources, "words.jpg"), "this is no picture");
  await writeFile(path.join(sources, "drawing.png"), '<svg xmlns="http://www.w3.org/2000/svg"/>');
});

/** Left half red, right half blue, upper left corner green; stored lying on its side. */
async function writePhotos(): Promise<void> {
  const square = (background: string, width: number, height: number, left: number, top: number) => ({
    input: { create: { width, height, channels: 3 as const, background } },
    left,
    top,
  });
  const upright = await sharp({ create: { width: 200, height: 320, channels: 3, background: "#d03020" } })
    .composite([square("#2040c0", 100, 320, 100, 0), square("#20a040", 40, 40, 0, 0)])
    .png()
    .toBuffer();
  const sideways = sharp(await sharp(upright).rotate(270).png().toBuffer());
  await sideways
    .clone()
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 95 })
    .toFile(path.join(sources, "side.jpg"));
  await sharp(upright).withIccProfile("p3").png().toFile(path.join(sources, "wide.png"));
  await sharp(upright).webp({ lossless: true }).toFile(path.join(sources, "photo.webp"));
  await sharp(upright).avif({ lossless: true }).toFile(path.join(sources, "photo.avif"));
  await sharp(upright).tiff().toFile(path.join(sources, "photo.tiff"));
  await sharp(upright)
    .resize(6000, 9600, { kernel: "nearest" })
    .jpeg()
    .toFile(path.join(sources, "huge.jpg"));
  await sharp(upright).greyscale().png().toFile(path.join(sources, "grey.png"));
  await sharp({
    create: { width: 64, height: 64, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } },
  })
    .png()
    .toFile(path.join(sources, "clear.png"));
  await drawing("#241c14").toFile(path.join(sources, "dark-drawing.png"));
  await drawing("#ffffff").toFile(path.join(sources, "light-drawing.png"));
  const corners =
    '<svg width="300" height="200"><rect width="300" height="200" rx="24" fill="#5a7a4a"/></svg>';
  await sharp(Buffer.from(corners)).png().toFile(path.join(sources, "round-corners.png"));
  await sharp({
    create: { width: 64, height: 64, channels: 4, background: { r: 10, g: 20, b: 200, alpha: 1 } },
  })
    .png()
    .toFile(path.join(sources, "opaque.png"));
  const halves = Buffer.from(
    Array.from({ length: 64 * 64 }, (_, place) => tones[place % 64 < 32 ? 0 : 1]).flat(),
  );
  const card = () => sharp(halves, { raw: { width: 64, height: 64, channels: 3 } });
  await card().withIccProfile("p3").png().toFile(path.join(sources, "p3.png"));
  await card().withIccProfile("p3").jpeg({ quality: 95 }).toFile(path.join(sources, "p3.jpg"));
  await card().toColourspace("rgb16").png().toFile(path.join(sources, "sixteen.png"));
  await card().toColourspace("cmyk").withIccProfile("cmyk").tiff().toFile(path.join(sources, "cmyk.tiff"));
  const jpeg = await readFile(path.join(sources, "side.jpg"));
  await writeFile(path.join(sources, "cut.jpg"), jpeg.subarray(0, Math.floor(jpeg.length * 0.6)));
  const frames = [0, 128, 255].map((level) => Buffer.alloc(64 * 64 * 3, level));
  await sharp(Buffer.concat(frames), { raw: { width: 64, height: 192, channels: 3, pageHeight: 64 } })
    .gif({ delay: [200, 200, 200] })
    .toFile(path.join(sources, "moving.gif"));
  const pages = { raw: { width: 64, height: 192, channels: 3, pageHeight: 64 } } as const;
  await sharp(Buffer.concat(frames), pages)
    .webp({ delay: [200, 200, 200] })
    .toFile(path.join(sources, "moving.webp"));
  const stills = await Promise.all(
    frames.map((rgb) =>
      sharp(rgb, { raw: { width: 64, height: 64, channels: 3 } })
        .png()
        .toBuffer(),
    ),
  );
  await writeFile(path.join(sources, "moving.png"), joinPngs(stills, 200));
  await writeFile(path.join(sources, "still.png"), joinPngs(stills.slice(0, 1), 200));
  await sharp(upright).resize(64, 64).gif().toFile(path.join(sources, "still.gif"));
  await sharp(upright).resize(64, 64).webp().toFile(path.join(sources, "still.webp"));
}

const ivory = [243, 236, 223] as const;
const nearBlack = [42, 37, 33] as const;
const tones = [
  [190, 120, 90],
  [70, 110, 150],
] as const;

/** A ring from edge to edge on nothing. */
function drawing(colour: string) {
  const ring = `<svg width="300" height="200"><ellipse cx="150" cy="100" rx="135" ry="85" fill="none" stroke="${colour}" stroke-width="28"/></svg>`;
  return sharp(Buffer.from(ring)).png();
}

async function writeVoice(file: string): Promise<void> {
  await using writer = await openMediaWriter(file, {
    container: "ogg",
    picture: null,
    sound: { codec: "opus", sampleRate: 48_000, channelCount: 1, bitsPerSecond: 24_000 },
  });
  const sound = Float32Array.from(
    { length: 96_000 },
    (_, sample) => 0.3 * Math.sin((2 * Math.PI * 440 * sample) / 48_000),
  );
  await writer.writeSound(sound);
  await writer.finish();
}

function message(id: string, references: Partial<Message>): Message {
  return {
    id,
    contributorName: null,
    submittedAt: null,
    text: null,
    imageReference: null,
    audioReference: null,
    videoReference: null,
    transcript: null,
    ...references,
  };
}

async function prepare(
  messages: readonly Message[],
  change: { fetcher?: Fetcher; isLast?: boolean; signal?: AbortSignal; cache?: DiskCache } = {},
) {
  const folder = await mkdtemp(path.join(base, "film-"));
  const capsule = { id: "c", status: "closed", honoree: null, bornOn: null, diedOn: null, theme: null };
  const content: CapsuleContent = { capsule, messages };
  const progress: Progress[] = [];
  const fetcher =
    change.fetcher ??
    createFetcher({ objects: null, allowedHosts: [], ownOrigin: null, relativeTo: sources });
  const { assets, decodePhotos } = await prepareAssets({
    content,
    fetcher,
    folder,
    cache: change.cache ?? noCache,
    concurrency: 2,
    signal: change.signal ?? signal,
    isLast: change.isLast ?? false,
    onProgress: (step) => progress.push(step),
    log: createLog("silent", false),
  });
  return { assets, decodePhotos, progress, folder };
}

async function prepareOne(references: Partial<Message>): Promise<MessageAssets> {
  const { assets } = await prepare([message("m", references)]);
  const made = assets.get("m");
  if (made === undefined) throw new Error("the message has no entry");
  return made;
}

async function preparePhoto(name: string): Promise<PhotoAsset> {
  const { photo, problems } = await prepareOne({ imageReference: name });
  if (photo === null) throw new Error(`no photo: ${JSON.stringify(problems)}`);
  return photo;
}

/** Red, green and blue at a place given in fractions. */
async function pixel(photo: PhotoAsset, x: number, y: number): Promise<number[]> {
  const { size } = await stat(photo.path);
  expect(size).toBe(photo.width * photo.height * 3);
  await using file = await open(photo.path, "r");
  const at = (Math.floor(y * photo.height) * photo.width + Math.floor(x * photo.width)) * 3;
  const { buffer } = await file.read(Buffer.alloc(3), 0, 3, at);
  return [...buffer];
}

function expectColour(seen: readonly number[], expected: readonly number[], tolerance = 12): void {
  for (const [index, value] of expected.entries())
    expect(Math.abs((seen[index] ?? 0) - value)).toBeLessThan(tolerance);
}

describe("preparing photos", () => {
  it.each(["side.jpg", "photo.webp", "photo.avif", "photo.tiff"])(
    "%s comes out upright, in sRGB",
    async (name) => {
      const photo = await preparePhoto(name);
      expect([photo.width, photo.height]).toEqual([200, 320]);
      expectColour(await pixel(photo, 0.3, 0.6), [0xd0, 0x30, 0x20]);
      expectColour(await pixel(photo, 0.8, 0.6), [0x20, 0x40, 0xc0]);
      expectColour(await pixel(photo, 0.08, 0.05), [0x20, 0xa0, 0x40]);
    },
  );

  it("converts a wide gamut to the same colours in sRGB", async () => {
    const photo = await preparePhoto("wide.png");
    const { icc, space } = await sharp(path.join(sources, "wide.png")).metadata();
    expect([icc !== undefined, space]).toEqual([true, "srgb"]);
    expectColour(await pixel(photo, 0.3, 0.6), [0xd0, 0x30, 0x20], 4);
    expectColour(await pixel(photo, 0.8, 0.6), [0x20, 0x40, 0xc0], 4);
  });

  it("keeps the resolution of a long picture with text, and counts its words", async () => {
    const canvas = createCanvas(480, 5480);
    const context = canvas.getContext("2d");
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, 480, 5480);
    context.fillStyle = "#111111";
    const line = "We talked about the garden and the cat.";
    context.font = createFontBook(400).fontFor(line, 26);
    for (let i = 1; i <= 150; i++) context.fillText(line, 20, i * 36);
    await writeFile(path.join(sources, "chat.png"), canvas.toBuffer("image/png"));
    const photo = await preparePhoto("chat.png");
    expect([photo.width, photo.height]).toEqual([480, 5480]);
    expect(photo.writtenWords).toBeGreaterThan(150 * 5);
    expect(photo.writtenWords).toBeLessThan(150 * 12);
  });

  it("limits a picture of a usual shape to 4096 pixels on a side", async () => {
    const photo = await preparePhoto("huge.jpg");
    expect([photo.width, photo.height]).toEqual([2560, 4096]);
    expectColour(await pixel(photo, 0.3, 0.6), [0xd0, 0x30, 0x20]);
  });

  it("turns grey and transparent pictures into three opaque channels", async () => {
    const [r, g, b] = await pixel(await preparePhoto("grey.png"), 0.3, 0.6);
    expect([g, b]).toEqual([r, r]);
  });

  it("finds the focus at the only object", async () => {
    const spot = await sharp({ create: { width: 60, height: 60, channels: 3, background: "#e08040" } })
      .png()
      .toBuffer();
    await sharp({ create: { width: 1200, height: 800, channels: 3, background: "#808080" } })
      .composite([{ input: spot, left: 870, top: 170 }])
      .jpeg()
      .toFile(path.join(sources, "spot.jpg"));
    const { focus } = await preparePhoto("spot.jpg");
    expect(Math.abs(focus.x - 0.75)).toBeLessThan(0.08);
    expect(Math.abs(focus.y - 0.25)).toBeLessThan(0.08);
  });

  it.each([
    ["dark-drawing.png", ivory],
    ["light-drawing.png", nearBlack],
  ])("shows transparent drawings on a contrasting background: %s", async (file, background) => {
    const photo = await preparePhoto(file);
    for (const [x, y] of [
      [0.01, 0.01],
      [0.99, 0.99],
      [0.5, 0.05],
    ] as const) {
      expectColour(await pixel(photo, x, y), background, 3);
    }
    // Drawings that fill the picture get a border.
    expect([photo.width, photo.height]).toEqual([348, 248]);
  });

  it("adds no border to photos with round corners, and changes no colour of opaque pictures", async () => {
    await expect(preparePhoto("round-corners.png")).resolves.toMatchObject({ width: 300, height: 200 });
    const opaque = await preparePhoto("opaque.png");
    expectColour(await pixel(opaque, 0.02, 0.02), [10, 20, 200], 1);
  });

  it.each([
    ["p3.png", 3],
    ["p3.jpg", 6],
    ["sixteen.png", 2],
    ["cmyk.tiff", 22],
  ])("applies the colour profile: %s", async (file, tolerance) => {
    const photo = await preparePhoto(file);
    expectColour(await pixel(photo, 0.25, 0.5), tones[0], tolerance);
    expectColour(await pixel(photo, 0.75, 0.5), tones[1], tolerance);
  });

  it.each([
    ["moving.gif", "gif"],
    ["moving.webp", "webp_anim"],
    ["moving.png", "apng"],
  ])("loops an animation for about as long as a photo is shown: %s", async (file, demuxer) => {
    const { clip, photo, problems } = await prepareOne({ imageReference: file });
    expect([photo, problems]).toEqual([null, []]);
    expect(clip).toMatchObject({ demuxer, width: 64, height: 64, sound: null });
    expect(clip?.loopSeconds).toBeCloseTo(0.6, 2);
    expect(clip?.durationSeconds).toBeCloseTo(9 * 0.6, 2);
  });

  it.each(["still.gif", "still.webp", "still.png"])(
    "treats a file of an animation format with one picture as a photo: %s",
    async (file) => {
      await expect(preparePhoto(file)).resolves.toMatchObject({ width: 64, height: 64 });
    },
  );
});

describe("preparing sound", () => {
  it("converts sound to 48 kHz stereo and measures its loudness", async () => {
    const { voice, problems } = await prepareOne({ audioReference: "voice.ogg" });
    expect(problems).toEqual([]);
    expect(voice?.sampleCount).toBeGreaterThan(95_000);
    expect(voice?.sampleCount).toBeLessThan(97_000);
    expect((await stat(voice?.path ?? "")).size).toBe((voice?.sampleCount ?? 0) * 8);
    // A sine of amplitude 0.3 is -13.5 dBFS RMS; shared by two channels it has the same loudness.
    expect(voice?.integratedLufs).toBeGreaterThan(-15);
    expect(voice?.integratedLufs).toBeLessThan(-12.5);
  });
});

describe("preparing clips", () => {
  it("keeps pictures and sound in sync and of the same length", async () => {
    const { clip, problems, folder } = await prepare([message("m", { videoReference: "clip.mp4" })]).then(
      (made) => ({
        folder: made.folder,
        clip: made.assets.get("m")?.clip ?? null,
        problems: made.assets.get("m")?.problems,
      }),
    );
    expect(problems).toEqual([]);
    expect(clip).toMatchObject({ demuxer: "mov", width: codedWidth, height: codedHeight, transfer: "sdr" });
    expect(clip?.durationSeconds).toBeCloseTo(1.5, 3);
    expect(clip?.sound?.sampleCount).toBe(72_000);
    const bytes = await readFile(clip?.sound?.path ?? "");
    const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    expect(samples.length).toBe(144_000);
    const firstLoud = samples.findIndex((value) => Math.abs(value) > 0.2) / 2;
    // The tone begins with frame 15; AAC smears an onset over some milliseconds, less than half a frame.
    expect(Math.abs(firstLoud - 15 * 1600)).toBeLessThan(800);
    expect((await stat(clip?.path ?? "")).size).toBe((await stat(path.join(sources, "clip.mp4"))).size);
    expect(clip?.path.startsWith(folder)).toBe(true);
  });

  it("rejects a clip whose index did not arrive", async () => {
    const whole = await readFile(path.join(sources, "clip.mp4"));
    await writeFile(path.join(sources, "no-index.mp4"), whole.subarray(0, Math.floor(whole.length / 2)));
    const { clip, problems } = await prepareOne({ videoReference: "no-index.mp4" });
    expect(clip).toBeNull();
    expect(problems).toMatchObject([{ field: "content_video_url", code: "media-damaged" }]);
  });
});

describe("prepareAssets for a capsule", () => {
  it("returns an entry for each message, and a problem for each unusable file", async () => {
    const { assets, progress, folder } = await prepare([
      message("words", { text: "only words" }),
      message("good", { imageReference: "side.jpg", audioReference: "voice.ogg" }),
      message("again", { imageReference: "side.jpg" }),
      message("bad", {
        imageReference: "words.jpg",
        audioReference: "drawing.png",
        videoReference: "gone.mp4",
      }),
      message("cut", { imageReference: "cut.jpg" }),
      message("swapped", { imageReference: "clip.mp4", videoReference: "side.jpg", audioReference: " " }),
      message("address", { imageReference: "http://169.254.169.254/latest" }),
    ]);
    expect([...assets.keys()]).toEqual(["words", "good", "again", "bad", "cut", "swapped", "address"]);
    expect(assets.get("words")).toEqual({ photo: null, voice: null, clip: null, problems: [] });
    expect(assets.get("good")).toMatchObject({
      photo: { kind: "photo" },
      voice: { kind: "sound" },
      problems: [],
    });
    expect(assets.get("again")?.photo).toEqual(assets.get("good")?.photo);
    expect(assets.get("bad")?.problems).toEqual([
      expect.objectContaining({
        field: "content_image_url",
        code: "media-kind-refused",
        reason: "The file is text.",
      }),
      expect.objectContaining({ field: "content_audio_url", code: "media-kind-refused" }),
      expect.objectContaining({ field: "content_video_url", code: "media-not-found" }),
    ]);
    expect(assets.get("cut")?.problems).toMatchObject([{ code: "media-damaged" }]);
    expect(assets.get("swapped")).toMatchObject({
      photo: { kind: "photo" },
      clip: { kind: "clip" },
      problems: [],
    });
    expect(assets.get("address")?.problems).toMatchObject([{ code: "media-address-refused" }]);
    const fetching = progress.filter(({ stage }) => stage === "fetching");
    expect(fetching.at(-1)).toEqual({ stage: "fetching", done: 8, total: 8, unit: "files" });
    expect(progress.at(-1)).toEqual({ stage: "preparing", done: 6, total: 6, unit: "files" });
    // Only the files that the film needs are left: the clip itself, and prepared files.
    const left = (await readdir(path.join(folder, "media"))).map((name) => name.replace(/^[\da-f]{64}/, ""));
    expect(left.toSorted()).toEqual([".f32", ".f32", ".original", ".original", ".rgb"]);
  });

  describe("with files of an earlier film", () => {
    const messages = [
      message("all", { imageReference: "side.jpg", audioReference: "voice.ogg", videoReference: "clip.mp4" }),
      message("cut", { imageReference: "cut.jpg" }),
    ];
    const inMedia = (folder: string, name: string): string => path.join(folder, "media", name);
    const openCache = (name: string): DiskCache =>
      createDiskCache({ folder: path.join(base, name), limitBytes: 1e9, log: createLog("silent", false) });

    it("uses the cache without decoding, and decodes photos on demand", async () => {
      const cache = openCache("cache");
      const first = await prepare(messages, { cache });
      const second = await prepare(messages, { cache });
      const inSecond = JSON.parse(JSON.stringify([...first.assets]).replaceAll(first.folder, second.folder));
      expect([...second.assets]).toEqual(inSecond);

      const { photo, voice, clip } = second.assets.get("all") ?? {};
      if (!photo || !voice || !clip?.sound) throw new Error("something is missing");
      for (const { path: file } of [voice, clip.sound]) {
        const of = async (folder: string) => (await stat(inMedia(folder, path.basename(file)))).ino;
        expect(await of(second.folder), file).toBe(await of(first.folder));
      }
      await expect(stat(photo.path)).rejects.toThrow("ENOENT");
      await second.decodePhotos([photo, photo], signal);
      const pixels = inMedia(first.folder, path.basename(photo.path));
      expect((await readFile(photo.path)).equals(await readFile(pixels))).toBe(true);
      const developed = await second.decodePhotos([photo], signal);
      await developed?.[Symbol.asyncDispose]();
      await expect(stat(photo.path)).rejects.toThrow("ENOENT");
      // The file is there still: a scene may be drawn again, smaller.
      await second.decodePhotos([photo], signal);
      expect((await readFile(photo.path)).equals(await readFile(pixels))).toBe(true);
    });

    it("removes a cached preparation that turns out to be wrong", async () => {
      const cache = openCache("wrong-cache");
      await prepare(messages, { cache });
      const { assets, decodePhotos, folder } = await prepare(messages, { cache });
      const photo = assets.get("all")?.photo;
      if (!photo) throw new Error("the photo is missing");
      await writeFile(inMedia(folder, `${photo.sha256}.original`), "no picture any more");
      await expect(decodePhotos([photo], signal)).rejects.toMatchObject({ code: "preparation-differs" });
      const again = await prepare(messages, { cache });
      expect((await stat(again.assets.get("all")?.photo?.path ?? "")).size).toBeGreaterThan(0);
    });
  });

  it("fails for an unreachable file, except in the last attempt", async () => {
    const unreachable = new KeepsakeError("media-unreachable", "The file cannot be read just now.");
    const fetcher: Fetcher = { keyOf: (reference) => reference, fetch: () => Promise.reject(unreachable) };
    const messages = [message("m", { imageReference: "side.jpg" })];
    await expect(prepare(messages, { fetcher })).rejects.toBe(unreachable);
    const { assets } = await prepare(messages, { fetcher, isLast: true });
    expect(assets.get("m")?.problems).toMatchObject([{ messageId: "m", code: "media-unreachable" }]);
  });

  it("does not treat a wrong key as a problem of a file", async () => {
    const refused = new KeepsakeError("storage-key-refused", "Storage refused the key.");
    const fetcher: Fetcher = { keyOf: (reference) => reference, fetch: () => Promise.reject(refused) };
    const messages = [message("m", { imageReference: "side.jpg" })];
    await expect(prepare(messages, { fetcher, isLast: true })).rejects.toBe(refused);
  });

  it("names a failed file by its own kind, not by its column", async () => {
    const jpeg = await readFile(path.join(sources, "side.jpg"));
    await writeFile(path.join(sources, "begun.jpg"), jpeg.subarray(0, Math.floor(jpeg.length * 0.1)));
    await writeFile(path.join(sources, "no.flac"), Buffer.concat([Buffer.from("fLaC"), Buffer.alloc(4000)]));
    const cache = createDiskCache({
      folder: path.join(base, "kinds"),
      limitBytes: 1e9,
      log: createLog("silent", false),
    });
    // Known from an earlier film it is the same.
    for (let time = 0; time < 2; time += 1) {
      const { assets } = await prepare(
        [
          message("m", {
            imageReference: "no.flac",
            audioReference: "gone.m4a",
            videoReference: "begun.jpg",
          }),
        ],
        { cache },
      );
      expect(assets.get("m")?.problems.map(({ field, kind }) => [field, kind])).toEqual([
        ["content_image_url", "voice"],
        ["content_audio_url", undefined],
        ["content_video_url", "photo"],
      ]);
    }
  });

  it("prepares each file of a list once, and reports the files beyond the limit", async () => {
    const { photo, voice, others, problems } = await prepareOne({
      imageReference: '["side.jpg", "moving.png", "side.jpg"]',
      audioReference: "{voice.ogg,side.jpg}",
      videoReference: JSON.stringify(Array.from({ length: 12 }, (_, index) => `gone-${index}.mp4`)),
    });
    expect(photo?.kind).toBe("photo");
    expect(voice?.kind).toBe("sound");
    expect(others ?? []).toEqual([]);
    expect(problems.map(({ code }) => code).toSorted()).toEqual([
      "media-address-refused",
      ...Array.from({ length: 10 }, () => "media-not-found"),
    ]);
    const both = await prepareOne({ imageReference: "side.jpg", videoReference: "still.png" });
    expect([both.photo?.kind, both.others?.map(({ kind }) => kind)]).toEqual(["photo", ["photo"]]);
    expect(both.problems).toEqual([]);
  });

  it("stops at once when aborted, and leaves no process", async () => {
    const controller = new AbortController();
    const reason = new Error("told to stop");
    const real = createFetcher({ objects: null, allowedHosts: [], ownOrigin: null, relativeTo: sources });
    const fetcher: Fetcher = {
      keyOf: (reference) => real.keyOf(reference),
      async fetch(reference, target, either) {
        const file = await real.fetch(reference, target, either);
        setImmediate(() => controller.abort(reason));
        return file;
      },
    };
    const preparing = prepare([message("m", { videoReference: "clip.mp4" })], {
      fetcher,
      signal: controller.signal,
    });
    await expect(preparing).rejects.toBe(reason);
    expect(process.getActiveResourcesInfo().filter((kind) => kind === "ProcessWrap")).toEqual([]);
  });
});
