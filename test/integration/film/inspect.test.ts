import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { inspectFilm } from "../../../dist/film/inspect.js";
import type { InspectionPlan } from "../../../dist/film/inspection-plan.js";
import { inspectPictures } from "../../../dist/film/inspection/inspect-pictures.js";
import { inspectSound } from "../../../dist/film/inspection/inspect-sound.js";
import { joinFilm } from "../../../dist/film/join.js";
import { openAacEncoder } from "../../../dist/media/aac-encoder.js";
import { readMovie } from "../../../dist/media/mp4/read-movie.js";
import { childOptions, drifting, makeTinyFilm, type Painting, type TinyFilm, voice } from "./tiny-film.js";

let folder: string;
let film: TinyFilm;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "keepsake-inspect-"));
  film = await makeTinyFilm(folder);
});
afterAll(() => rm(folder, { recursive: true }));

async function inspect(file: string, change: Partial<InspectionPlan> = {}) {
  return await inspectFilm(file, { ...film.plan, ...change }, childOptions(folder));
}

/** The good film with other sound. */
async function withSound(sound: Float32Array): Promise<string> {
  const aac = path.join(folder, "other.aac");
  {
    await using encoder = await openAacEncoder(aac, 192_000);
    await encoder.write(sound);
    await encoder.finish();
  }
  const file = path.join(folder, "other-sound.mp4");
  const { sampleCount } = film.input.sound;
  await joinFilm({ ...film.input, sound: { path: aac, sampleCount }, path: file }, childOptions(folder));
  return file;
}

async function withPictures(paint: Painting): Promise<TinyFilm> {
  const inside = await mkdtemp(path.join(folder, "painted-"));
  return await makeTinyFilm(inside, { paint });
}

describe("inspectFilm", () => {
  it("lets a good film pass and says what it measured", async () => {
    const framesDone: number[] = [];
    const options = {
      ...childOptions(folder),
      onProgress: ({ done }: { done: number }) => framesDone.push(done),
    };
    const { frameCount, sampleCount, loudness } = await inspectFilm(film.input.path, film.plan, options);
    expect([frameCount, sampleCount]).toEqual([150, 150 * 1600]);
    expect(Math.abs((loudness.integratedLufs ?? 0) + 16)).toBeLessThan(0.5);
    expect(loudness.truePeakDbtp).toBeLessThan(-1);
    expect(framesDone).toEqual([30, 60, 90, 120, 150]);
  });

  it.each<[string, string, Partial<InspectionPlan>]>([
    ["a length that was not planned", "film-structure-wrong", { frameCount: 151 }],
    ["a missing caption track", "film-structure-wrong", { hasCaptions: false }],
    ["another size", "film-format-wrong", { width: 640, height: 360 }],
    [
      "a missing chapter",
      "film-chapters-wrong",
      { chapters: [{ title: "Ana Müller", firstFrame: 0, frameCount: 150 }] },
    ],
    ["a missing sound", "film-silent-stretch", { soundRanges: [{ firstSample: 0, sampleCount: 28 * 1600 }] }],
  ])("finds %s", async (_, code, change) => {
    await expect(inspect(film.input.path, change)).rejects.toMatchObject({ code, fault: "ours" });
  });

  it("finds a chapter that bears another name", async () => {
    const chapters = film.plan.chapters.with(1, { title: "Omar", firstFrame: 70, frameCount: 80 });
    await expect(inspect(film.input.path, { chapters })).rejects.toMatchObject({
      code: "film-chapters-wrong",
    });
  });

  it("finds black frames", async () => {
    const black = await withPictures((frame, x, y) =>
      frame >= 80 && frame < 83 ? 16 : drifting(frame, x, y),
    );
    await expect(inspect(black.input.path)).rejects.toThrow(/black at frame 80/u);
    await inspect(black.input.path, { blackRanges: [{ firstFrame: 80, frameCount: 3 }] });
  });

  it("finds a picture that stands still", async () => {
    const frozen = await withPictures((frame, x, y) =>
      drifting(frame >= 60 && frame < 120 ? 60 : frame, x, y),
    );
    await expect(inspect(frozen.input.path)).rejects.toMatchObject({ code: "film-frozen-stretch" });
    await inspect(frozen.input.path, { stillRanges: [{ firstFrame: 60, frameCount: 60 }] });
  });

  it("finds sound that is too hot, too soft or not there", async () => {
    const hot = await withSound(voice(5, 150, 2.5).map((value) => Math.max(-0.99, Math.min(0.99, value))));
    await expect(inspect(hot)).rejects.toMatchObject({ code: "film-peak-too-high" });
    const soft = await withSound(voice(5, 150, 0.05));
    await expect(inspect(soft)).rejects.toMatchObject({ code: "film-loudness-wrong" });
    await inspect(soft, { levelled: false });
    const silent = await withSound(new Float32Array(2 * 5 * 48_000));
    await expect(inspect(silent)).rejects.toMatchObject({ code: "film-silent-stretch" });
  });

  it("finds frames and samples that are missing, whatever the header says", async () => {
    const plan = { ...film.plan, frameCount: 151 };
    const noReport = (): void => undefined;
    await expect(inspectPictures(film.input.path, 0, plan, noReport)).rejects.toThrow(
      /150 frames where 151/u,
    );
    await expect(inspectSound(film.input.path, 1, plan)).rejects.toMatchObject({
      code: "film-sample-count-wrong",
    });
    await expect(inspectSound(film.input.path, 1, { ...plan, frameCount: 149 })).rejects.toMatchObject({
      code: "film-sample-count-wrong",
    });
  });

  it("finds a film that must be loaded whole before it plays", async () => {
    const bytes = await readFile(film.input.path);
    const movieStart = bytes.readUInt32BE(0);
    const movieEnd = movieStart + bytes.readUInt32BE(movieStart);
    const slow = path.join(folder, "slow.mp4");
    await writeFile(
      slow,
      Buffer.concat([
        bytes.subarray(0, movieStart),
        bytes.subarray(movieEnd),
        bytes.subarray(movieStart, movieEnd),
      ]),
    );
    await expect(inspect(slow)).rejects.toThrow(/before it is loaded whole/u);
  });

  it("finds damage in the middle and a missing end", async () => {
    const bytes = await readFile(film.input.path);
    const damaged = path.join(folder, "damaged.mp4");
    await writeFile(damaged, bytes.subarray(0, bytes.length - 1000));
    await expect(inspect(damaged)).rejects.toMatchObject({ code: "film-damaged" });

    const { tracks } = await readMovie(film.input.path);
    const { offsets, sizes } = tracks[0]?.samples ?? { offsets: [], sizes: [] };
    await writeFile(damaged, bytes);
    await using handle = await open(damaged, "r+");
    const middle = Math.floor((sizes[0] ?? 0) / 2);
    await handle.write(Buffer.alloc(middle, 0xa5), 0, middle, (offsets[0] ?? 0) + middle);
    await expect(inspect(damaged)).rejects.toMatchObject({ code: "film-damaged" });
  });
});

it("leaves no process behind", async () => {
  await vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain("ProcessWrap"));
});
