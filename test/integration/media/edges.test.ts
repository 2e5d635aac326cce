import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_ERROR } from "node-av/constants";
import { Log } from "node-av/lib";
import { beforeAll, describe, expect, it } from "vitest";

import type { ClipAsset } from "../../../dist/media/asset.js";
import { openClip } from "../../../dist/media/pictures/open-clip.js";
import { openPictures } from "../../../dist/media/pictures/open-pictures.js";
import { measureMedia } from "./read-media.js";
import { writeTestMedia, type TestMedia, type TestVideo } from "./write-test-media.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
beforeAll(async () => {
  Log.setLevel(AV_LOG_ERROR);
});

const x264 = { encoder: "libx264", options: { preset: "veryfast", bf: 2 } };
const aac = { encoder: "aac" };
const oneFilmFrame = 1 / 30 + 0.004;

async function made(name: string, media: TestMedia): Promise<string> {
  const file = path.join(folder, name);
  await writeTestMedia(file, media);
  return file;
}

const timed = (ticks: (index: number) => number, more: Partial<TestVideo> = {}): TestVideo => ({
  ...x264,
  options: { preset: "veryfast", bf: 0 },
  ...more,
  ticks,
});

describe("a clip whose file has an unusual clock", () => {
  it("keeps late sound late", async () => {
    const file = await made("late.mp4", {
      container: "mp4",
      video: x264,
      sound: { ...aac, delaySeconds: 0.5 },
    });
    const { flashSeconds, toneSeconds } = await measureMedia(file, folder);
    expect(Math.abs((toneSeconds ?? 0) - (flashSeconds ?? 0) - 0.5)).toBeLessThan(oneFilmFrame);
  });

  it("shows the first picture while earlier sound is played", async () => {
    const file = await made("early.mkv", {
      container: "matroska",
      video: timed((index) => 400 + index * 40),
      sound: aac,
    });
    const { flashSeconds, toneSeconds, clip } = await measureMedia(file, folder);
    expect(Math.abs((flashSeconds ?? 0) - (toneSeconds ?? 0) - 0.4)).toBeLessThan(oneFilmFrame);
    expect(clip?.durationSeconds).toBeGreaterThan(2.35);
  });

  it("is played without a gap when its clock jumps ahead by a day", async () => {
    const video = timed((index) => index * 40 + (index < 35 ? 0 : 86_400_000));
    const { clip, flashSeconds, changedCount } = await measureMedia(
      await made("jump.mkv", { container: "matroska", video, sound: aac }),
      folder,
    );
    expect(clip).toMatchObject({ isClockBroken: true });
    expect(clip?.durationSeconds).toBeLessThan(2.1);
    expect(changedCount).toBe(50);
    expect(Math.abs((flashSeconds ?? 0) - 1)).toBeLessThan(oneFilmFrame);
  });

  it("continues when its clock restarts where two recordings were joined", async () => {
    const bytes = await readFile(await made("part.ts", { container: "mpegts", video: x264, sound: aac }));
    const file = path.join(folder, "joined.ts");
    await writeFile(file, Buffer.concat([bytes, bytes]));
    const { clip, changedCount } = await measureMedia(file, folder);
    expect(changedCount).toBe(100);
    expect(clip?.durationSeconds).toBeCloseTo(4, 1);
    expect(clip?.sound?.sampleCount).toBe(Math.round((clip?.durationSeconds ?? 0) * 48_000));
  });

  it.each([
    [1, 2, 2],
    [240, 60, 60],
  ])("keeps its speed at %i pictures per second", async (fps, most, least) => {
    const { clip, changedCount } = await measureMedia(
      await made(`pace-${fps}.mp4`, { container: "mp4", video: { ...x264, fps }, sound: aac }),
      folder,
    );
    expect(clip?.durationSeconds).toBeCloseTo(2, 1);
    expect(changedCount).toBeLessThanOrEqual(most);
    expect(changedCount).toBeGreaterThanOrEqual(least);
  });

  it("shows a last picture without duration as long as those before it", async () => {
    const file = await made("slides.mp4", {
      container: "mp4",
      seconds: 20,
      video: { ...x264, fps: 5, options: { preset: "veryfast" }, ticks: (index) => index * 3000 },
      sound: aac,
    });
    const { clip } = await measureMedia(file, folder);
    expect(clip?.durationSeconds).toBeGreaterThan(297);
  });
});

describe("a screen recording whose end is a still picture", () => {
  /** Ten pictures a second for two seconds; the last one says that it stands for twenty. */
  const ticks = (index: number): number => index * 100;
  const durations = (tick: number): number => (tick === 1900 ? 20_000 : 100);
  const stood = async (name: string, container: string): Promise<string> => {
    const options = { preset: "veryfast", bf: 0 };
    return await made(name, { container, video: { ...x264, options, fps: 10, ticks, durations } });
  };

  it.each([
    ["mp4", "mp4"],
    ["mov", "mov"],
    ["mkv", "matroska"],
  ])(
    "lasts as long in an .%s as the file claims, and is not reported as cut off",
    async (extension, container) => {
      const { clip, remarks } = await measureMedia(await stood(`screen.${extension}`, container), folder);
      expect(clip?.durationSeconds).toBeCloseTo(21.9, 1);
      expect(remarks).toEqual([]);
    },
  );

  it("ends with its last picture in a Matroska file that was cut off", async () => {
    const whole = await readFile(await stood("screen-whole.mkv", "matroska"));
    const file = path.join(folder, "screen-cut.mkv");
    await writeFile(file, whole.subarray(0, whole.length - 400));
    const { clip, remarks } = await measureMedia(file, folder);
    expect(clip?.loopSeconds).toBeLessThan(4);
    expect(remarks.join()).toMatch(/did not arrive completely/);
  });
});

describe("the painted pictures of a clip", () => {
  /** Each second another scene, a key picture every second: what a camera writes. */
  const long = { ...x264, options: { preset: "ultrafast", g: 25 }, width: 64, height: 48 };
  it.each([
    ["mp4", "mp4"],
    ["mkv", "matroska"],
    ["ts", "mpegts"],
    ["avi", "avi"],
    ["mpg", "mpeg"],
  ])(
    "from the middle of an .%s is decoded from a little before it, not from its start",
    async (extension, container) => {
      const video =
        container === "mpeg" ? { encoder: "mpeg2video", options: { g: 25 }, width: 64, height: 48 } : long;
      const { clip } = await measureMedia(
        await made(`long.${extension}`, {
          container,
          seconds: 30,
          video,
          sound: container === "mpeg" ? { encoder: "mp2", format: "s16" } : aac,
        }),
        folder,
      );
      if (clip === null) throw new Error("no clip");
      for (const at of [11.3, 20, 29.7]) {
        const wanted = clip.startSeconds + at;
        await using pictures = await openPictures(clip, wanted);
        const first = await pictures.next();
        expect(first?.seconds).toBeLessThanOrEqual(wanted);
        expect(wanted - (first?.seconds ?? 0)).toBeLessThan(4);
        first?.release();
      }
      await expectSameFromAnywhere(clip);
    },
  );
});

async function expectSameFromAnywhere(clip: ClipAsset): Promise<void> {
  const size = { width: 64, height: 48, fps: 30 };
  const wanted = [301, 449, 610, 880];
  const whole: Buffer[] = [];
  await using all = await openClip(clip, { ...size, firstFrame: 0 });
  for (let frame = 0; frame <= 880; frame += 1) {
    const { picture } = await all.next();
    if (wanted.includes(frame)) whole.push(Buffer.from(picture));
  }
  for (const [index, firstFrame] of wanted.entries()) {
    await using there = await openClip(clip, { ...size, firstFrame });
    const { picture } = await there.next();
    expect(whole[index]?.equals(picture), `frame ${firstFrame}`).toBe(true);
  }
}

describe("a video of which only half arrived", () => {
  it("is shown as far as it can be decoded, with a warning", async () => {
    const whole = await readFile(
      await made("whole.mp4", {
        container: "mp4",
        seconds: 6,
        muxer: { movflags: "faststart" },
        video: x264,
        sound: aac,
      }),
    );
    const file = path.join(folder, "half.mp4");
    await writeFile(file, whole.subarray(0, Math.round(whole.length * 0.6)));
    const { clip, remarks } = await measureMedia(file, folder);
    expect(clip?.durationSeconds).toBeGreaterThan(1);
    expect(clip?.durationSeconds).toBeLessThan(5);
    expect(remarks).toEqual([
      expect.stringMatching(/^the file did not arrive completely: \d\.\d s of 6\.0 s can be played$/),
    ]);
  });
});

describe("a video without sound", () => {
  it("is looped like a GIF when it is as short as one", async () => {
    const { clip } = await measureMedia(
      await made("gif.mp4", { container: "mp4", seconds: 1.4, video: x264 }),
      folder,
    );
    expect(clip?.loopSeconds).toBeCloseTo(1.4, 1);
    expect(clip?.durationSeconds).toBeCloseTo(5.6, 1);
  });
});
