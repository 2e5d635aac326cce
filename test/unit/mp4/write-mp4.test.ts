import { open, readFile } from "node:fs/promises";
import path from "node:path";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { interleave } from "../../../dist/film/join/interleave.js";
import { sampleRate } from "../../../dist/media/sound/sound-format.js";
import { ticksPerSecond, type Mp4Track } from "../../../dist/mp4/mp4-track.js";
import { readMovie } from "../../../dist/mp4/read-movie.js";
import { readSamples } from "../../../dist/mp4/read-samples.js";
import { firstBytes, quickTimeTextEntry } from "../../../dist/mp4/sample-entries.js";
import { writeMp4 } from "../../../dist/mp4/write-mp4.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();

interface Sample {
  readonly bytes: Uint8Array;
  readonly duration: number;
}

function trackOf(kind: Mp4Track["kind"], samples: readonly Sample[]): Mp4Track {
  return {
    kind,
    sampleEntry: quickTimeTextEntry(),
    sizes: Uint32Array.from(samples, ({ bytes }) => bytes.length),
    durations: Uint32Array.from(samples, ({ duration }) => duration),
    compositionOffsets: kind === "video" ? Uint32Array.from(samples, (_, index) => (index % 3) * 1600) : null,
    keySamples: kind === "video" ? [0] : null,
    startTicks: kind === "sound" ? 1024 : 0,
    place: { width: 0, height: 0, y: 0 },
    read: (first, count) =>
      Promise.resolve(Buffer.concat(samples.slice(first, first + count).map(({ bytes }) => bytes))),
  };
}

const movie = { durationTicks: 48_000, title: "Ana", date: "2026", chapters: [] };

describe("writeMp4", () => {
  it("writes what readMovie reads back", async () => {
    const samples = fc.array(
      fc.record({
        bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
        duration: fc.integer({ min: 1, max: 40_000 }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(samples, samples, samples, async (video, sound, captions) => {
        const file = path.join(folder, "film.mp4");
        const written = [trackOf("video", video), trackOf("sound", sound), trackOf("captions", captions)];
        const { sizeBytes } = await writeMp4(file, movie, written, interleave(written));
        expect((await readFile(file)).length).toBe(sizeBytes);

        const { boxes, tracks } = await readMovie(file);
        expect(boxes).toEqual(["ftyp", "moov", "mdat"]);
        expect(tracks.map(({ handler, enabled }) => [handler, enabled])).toEqual([
          ["vide", true],
          ["soun", true],
          ["sbtl", false],
        ]);
        expect(tracks.map(({ edits }) => edits)).toEqual([
          [{ durationTicks: 48_000, startTicks: 0 }],
          [{ durationTicks: 48_000, startTicks: 1024 }],
          [{ durationTicks: 48_000, startTicks: 0 }],
        ]);
        await using handle = await open(file);
        for (const [index, given] of [video, sound, captions].entries()) {
          const { samples: table } = tracks[index] as (typeof tracks)[number];
          expect([...table.durations]).toEqual(given.map(({ duration }) => duration));
          for (const [sample, { bytes }] of given.entries()) {
            expect(new Uint8Array(await readSamples(handle, table, sample, 1))).toEqual(bytes);
          }
        }
        expect([...(tracks[0]?.samples.compositionOffsets ?? [])]).toEqual(
          video.map((_, sample) => (sample % 3) * 1600),
        );
        expect(tracks[0]?.samples.keySamples).toEqual(new Set([0]));
      }),
      { numRuns: 30 },
    );
  });

  it("writes the same bytes each time", async () => {
    const tracks = [trackOf("video", [{ bytes: Uint8Array.of(1, 2, 3), duration: 1600 }])];
    const write = (name: string) => writeMp4(path.join(folder, name), movie, tracks, interleave(tracks));
    expect(await write("one.mp4")).toEqual(await write("two.mp4"));
  });
});

it("counts the film's time in samples of its sound", () => {
  expect(ticksPerSecond).toBe(sampleRate);
});

describe("interleave", () => {
  it("keeps every track's samples in order and no track far ahead", () => {
    const tracks = [1600, 1024, 100_000].map((ticks, index) => ({
      durations: new Uint32Array([900, 1407, 15][index] ?? 0).fill(ticks),
    }));
    const next = [0, 0, 0];
    const ticks = [0, 0, 0];
    for (const { track, firstSample, sampleCount } of interleave(tracks)) {
      expect(firstSample).toBe(next[track]);
      const others = ticks.filter((_, index) => index !== track);
      expect((ticks[track] ?? 0) - Math.min(...others)).toBeLessThanOrEqual(100_000 + 24_000);
      next[track] = firstSample + sampleCount;
      ticks[track] = (ticks[track] ?? 0) + sampleCount * (tracks[track]?.durations[0] ?? 0);
    }
    expect(next).toEqual([900, 1407, 15]);
  });
});

describe("readMovie", () => {
  it("rejects a file that ends too early", async () => {
    const tracks = [trackOf("video", [{ bytes: new Uint8Array(1000), duration: 1600 }])];
    const file = path.join(folder, "short.mp4");
    await writeMp4(file, movie, tracks, interleave(tracks));
    await using handle = await open(file, "r+");
    await handle.truncate(900);
    await expect(readMovie(file)).rejects.toMatchObject({ code: "film-damaged" });
  });
});

it("cuts a text between characters", () => {
  expect(firstBytes("Ana", 255).toString()).toBe("Ana");
  expect(firstBytes("ééé", 5).toString()).toBe("éé");
  expect(firstBytes("👩‍👩‍👧", 6).toString()).not.toContain("\u{fffd}");
});
