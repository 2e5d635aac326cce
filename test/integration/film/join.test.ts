import { readFile, truncate } from "node:fs/promises";
import path from "node:path";

import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";

import { joinFilm } from "../../../dist/film/join/join.js";
import { makePoster } from "../../../dist/film/poster/poster.js";
import { decodeAacFile } from "../../../dist/media/sound/decode-aac-file.js";
import { decodeFilmPictures } from "../../../dist/media/film-files/decode-film-pictures.js";
import { readMovie } from "../../../dist/mp4/read-movie.js";
import { runningProcesses } from "../../running-processes.js";
import {
  childOptions,
  drifting,
  encodeSegment,
  makeTinyFilm,
  type Painting,
  samplesPerFrame,
  type TinyFilm,
} from "./tiny-film.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
let film: TinyFilm;

/** Draws the frame number as a bar code of sixteen wide stripes over a drifting picture. */
const numbered: Painting = (frame, x, y) => {
  if (y >= 40) return drifting(frame, x, y);
  return (frame >> Math.floor(x / 20)) & 1 ? 220 : 40;
};

/** Makes a click on every tenth frame. */
function clicks(frameCount: number): Float32Array {
  const sound = new Float32Array(2 * frameCount * samplesPerFrame);
  for (let frame = 10; frame < frameCount; frame += 10) {
    const value = 2 * frame * samplesPerFrame;
    sound[value] = sound[value + 1] = 0.5;
  }
  return sound;
}

beforeAll(async () => {
  film = await makeTinyFilm(folder, { paint: numbered, cues: [{ sound: clicks(150), firstSample: 0 }] });
});

describe("joinFilm", () => {
  it("shows every frame once, at its time, across the seam between segments", async () => {
    const shown: number[] = [];
    for await (const { planes, strides, seconds } of decodeFilmPictures(film.input.path, {
      streamIndex: 0,
      threads: 1,
    })) {
      expect(seconds * 30).toBeCloseTo(shown.length, 6);
      const row = 20 * (strides[0] ?? 0);
      const bits = Array.from({ length: 16 }, (_, bit) =>
        (planes[0]?.[row + bit * 20 + 10] ?? 0) > 130 ? 1 : 0,
      );
      shown.push(bits.reduce((number: number, value, bit) => number + value * 2 ** bit, 0));
    }
    expect(shown).toEqual(Array.from({ length: 150 }, (_, frame) => frame));
  });

  it("plays sound on the sample it belongs to", async () => {
    const loudest: number[] = [];
    let position = 0;
    let peak = 0;
    for await (const piece of decodeAacFile({
      path: film.input.path,
      demuxer: "mov",
      streamIndex: 1,
      primingSamples: 0,
    })) {
      for (let index = 0; index < piece.length; index += 2, position++) {
        const slot = Math.floor((position + 5 * samplesPerFrame) / (10 * samplesPerFrame));
        const magnitude = Math.abs(piece[index] ?? 0);
        if (loudest[slot] === undefined) peak = 0;
        if (magnitude >= peak) [peak, loudest[slot]] = [magnitude, position];
      }
    }
    expect(position).toBeGreaterThanOrEqual(150 * samplesPerFrame);
    expect(position).toBeLessThan(150 * samplesPerFrame + 1024);
    for (let slot = 1; slot < 15; slot++) {
      expect(Math.abs((loudest[slot] ?? 0) - slot * 10 * samplesPerFrame)).toBeLessThanOrEqual(1);
    }
  });

  it("writes chapters and captions into separate tracks that are off by default", async () => {
    const { boxes, tracks } = await readMovie(film.input.path);
    expect(boxes).toEqual(["ftyp", "moov", "mdat"]);
    expect(tracks.map(({ handler, entryType, enabled }) => `${handler} ${entryType} ${enabled}`)).toEqual([
      "vide avc1 true",
      "soun mp4a true",
      "sbtl tx3g false",
      "text text false",
    ]);
    expect(tracks[0]?.chapterTrackIds).toEqual([4]);
    const bytes = await readFile(film.input.path);
    for (const text of ["Ana Müller", "عمر", "For Ana", "2026-02-03"])
      expect(bytes.includes(text)).toBe(true);
    expect(bytes.includes("Lavf")).toBe(false);
  });

  it("makes the same bytes from the same inputs", async () => {
    const again = { ...film.input, path: path.join(folder, "again.mp4") };
    await joinFilm(again, childOptions(folder));
    expect((await readFile(again.path)).equals(await readFile(film.input.path))).toBe(true);
  });

  it("rejects segments that do not fit together", async () => {
    const [first, second] = film.input.segments;
    if (first === undefined || second === undefined) throw new Error("The film has two segments.");
    const join = (segments: typeof film.input.segments) =>
      joinFilm({ ...film.input, segments, path: path.join(folder, "refused.mp4") }, childOptions(folder));
    await expect(join([first, { ...second, frameCount: 84 }])).rejects.toMatchObject({
      code: "segment-unfit",
    });
    const span = { firstFrame: 67, frameCount: 83 };
    const other = await encodeSegment(path.join(folder, "other.mp4"), span, drifting, {
      gopFrames: 60,
      width: 160,
    });
    await expect(join([first, other])).rejects.toThrow(/parameter sets differ/u);
    const short = await encodeSegment(path.join(folder, "short.mp4"), span, drifting);
    await truncate(short.path, 3000);
    await expect(join([first, short])).rejects.toMatchObject({ code: "film-damaged" });
  });

  it("rejects sound that is shorter than the film", async () => {
    const sound = { ...film.input.sound, sampleCount: film.input.sound.sampleCount + 2048 };
    await expect(joinFilm({ ...film.input, sound }, childOptions(folder))).rejects.toMatchObject({
      code: "sound-unfit",
    });
  });
});

describe("makePoster", () => {
  it("writes the requested frame, tagged as sRGB", async () => {
    const poster = path.join(folder, "poster.jpg");
    await makePoster({ film: film.input.path, frame: 101, path: poster }, childOptions(folder));
    const { data, info } = await sharp(poster).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([320, 180, 3]);
    const number = Array.from({ length: 16 }, (_, bit) => {
      const [red = 0, green = 0, blue = 0] = data.subarray(3 * (20 * 320 + bit * 20 + 10));
      expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThan(6);
      return green > 130 ? 2 ** bit : 0;
    }).reduce((sum, value) => sum + value, 0);
    expect(number).toBe(101);
    const { icc, exif } = await sharp(poster).metadata();
    expect(icc?.toString("latin1")).toMatch(/s\0?R\0?G\0?B/u);
    expect(exif).toBeUndefined();
  });

  it("fails when there is no such frame", async () => {
    const input = { film: film.input.path, frame: 150, path: path.join(folder, "none.jpg") };
    await expect(makePoster(input, childOptions(folder))).rejects.toMatchObject({
      code: "film-frame-count-wrong",
    });
  });
});

it("joining a film leaves no process behind", async () => {
  await expect.poll(runningProcesses).toEqual([]);
});
