import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import { inspectSegment } from "../../../dist/film/inspection/inspect-segment.js";
import { inspectFilm } from "../../../dist/film/inspection/inspect.js";
import type { InspectionPlan } from "../../../dist/film/inspection/inspection-plan.js";
import { joinFilm, type JoinInput } from "../../../dist/film/join/join.js";
import { openAacEncoder } from "../../../dist/media/sound/aac-encoder.js";
import { readMovie } from "../../../dist/mp4/read-movie.js";
import { runningProcesses } from "../../running-processes.js";
import {
  childOptions,
  drifting,
  encodeSegment,
  makeTinyFilm,
  mixCues,
  noScenes,
  type Painting,
  samplesPerFrame,
  tinyCues,
  type TinyFilm,
  voice,
} from "./tiny-film.js";
import { useFolder } from "../../use-folder.js";

const folder = useFolder();
let film: TinyFilm;

beforeAll(async () => {
  film = await makeTinyFilm(folder);
});

/** Inspects the good film with another plan. */
async function inspectPlanned(change: Partial<InspectionPlan>) {
  const { inspection } = film;
  return await inspectFilm({ ...inspection, plan: { ...inspection.plan, ...change } }, childOptions(folder));
}

/** Inspects the film joined differently from its plan. */
async function inspectJoined(change: Partial<JoinInput>) {
  const file = path.join(folder, "joined.mp4");
  const { sha256 } = await joinFilm({ ...film.input, ...change, path: file }, childOptions(folder));
  return await inspectFilm({ ...film.inspection, path: file, sha256 }, childOptions(folder));
}

/** Inspects the film's file after a change of its bytes. */
async function inspectBytes(change: (bytes: Buffer) => Uint8Array | Promise<Uint8Array>) {
  const file = path.join(folder, "changed.mp4");
  await writeFile(file, await change(await readFile(film.input.path)));
  return await inspectFilm({ ...film.inspection, path: file }, childOptions(folder));
}

/** Inspects the film with one segment encoded again. */
async function inspectPainted(paint: Painting, change: { width?: number; frameCount?: number } = {}) {
  const span = { firstFrame: 67, frameCount: change.frameCount ?? 83 };
  const size = change.width === undefined ? {} : { width: change.width };
  const segments = [...film.input.segments];
  if (change.width !== undefined) {
    const first = { firstFrame: 0, frameCount: 67 };
    segments[0] = await encodeSegment(path.join(folder, "painted-0.mp4"), first, paint, size);
  }
  segments[1] = await encodeSegment(path.join(folder, "painted.mp4"), span, paint, size);
  return await inspectJoined({ segments });
}

/** Inspects the film with other sound, encoded without changes. */
async function inspectSounding(sound: Float32Array) {
  const aac = path.join(folder, "other.aac");
  {
    await using encoder = await openAacEncoder(aac, 192_000);
    await encoder.write(sound);
    await encoder.finish();
  }
  return await inspectJoined({ sound: { path: aac, sampleCount: film.input.sound.sampleCount } });
}

/** Inspects the film with its voices mixed as in a real film, but not as planned. */
async function inspectMixed(cues: typeof tinyCues) {
  const inside = await mkdtemp(path.join(folder, "mix-"));
  const { mixed } = await mixCues(inside, cues);
  return await inspectJoined({ sound: mixed });
}

function replaceOnce(bytes: Buffer, from: string, to: string): Buffer {
  const at = bytes.indexOf(from, 0, "latin1");
  expect(at).toBeGreaterThan(0);
  bytes.write(to, at, "latin1");
  return bytes;
}

const [firstCue, secondCue] = tinyCues as [(typeof tinyCues)[0], (typeof tinyCues)[0]];

describe("inspectFilm", () => {
  it("accepts a good film and returns its measurements", async () => {
    const framesDone: number[] = [];
    const options = {
      ...childOptions(folder),
      onProgress: ({ done }: { done: number }) => framesDone.push(done),
    };
    const { frameCount, sampleCount, loudness } = await inspectFilm(film.inspection, options);
    expect([frameCount, sampleCount]).toEqual([150, 150 * 1600]);
    expect(Math.abs((loudness.integratedLufs ?? 0) + 16)).toBeLessThan(0.5);
    expect(loudness.truePeakDbtp).toBeLessThan(-1);
    expect(framesDone).toEqual([67, 150]);
  });

  it("rejects a film with a black range", async () => {
    const black = inspectPainted((frame, x, y) => (frame >= 80 && frame < 83 ? 16 : drifting(frame, x, y)));
    await expect(black).rejects.toMatchObject({
      code: "film-black-range",
      fault: "ours",
      message: expect.stringContaining("frame 80 (0:02)"),
    });
  });

  it("rejects a film with a frozen range", async () => {
    const frozen = inspectPainted((frame, x, y) => drifting(frame >= 90 && frame < 120 ? 90 : frame, x, y));
    await expect(frozen).rejects.toMatchObject({
      code: "film-frozen-range",
      // The encoder still refines the first pictures of the frozen range.
      message: expect.stringMatching(/from frame 9[0-3] \(0:03\)/),
    });
  });

  it("rejects frames with other content or in another order", async () => {
    const other = inspectPainted((frame, x, y) =>
      frame === 100 ? drifting(500, y, x) : drifting(frame, x, y),
    );
    await expect(other).rejects.toMatchObject({
      code: "film-picture-wrong",
      message: expect.stringContaining("frame 100 (0:03)"),
    });
    const [first, second] = film.input.segments as [JoinInput["segments"][0], JoinInput["segments"][0]];
    await expect(inspectJoined({ segments: [second, first] })).rejects.toMatchObject({
      code: "film-picture-wrong",
    });
  });

  it("rejects pictures that were never inspected, even where they show what was planned", async () => {
    const again = inspectPainted((frame, x, y) => drifting(frame, x, y) + (frame === 100 ? 1 : 0));
    await expect(again).rejects.toThrow(
      /frame 67 \(0:02\).*differ from those of the segment that was inspected/u,
    );
  });

  it("rejects a wrong frame count", async () => {
    await expect(inspectPainted(drifting, { frameCount: 82 })).rejects.toMatchObject({
      code: "film-frame-count-wrong",
      message: "The film has 149 frames where 150 were planned.",
    });
    const { segments } = film.input;
    await expect(inspectJoined({ segments: segments.slice(0, 1) })).rejects.toMatchObject({
      code: "film-frame-count-wrong",
    });
  });

  it("rejects pictures of another size", async () => {
    await expect(inspectPainted(drifting, { width: 336 })).rejects.toMatchObject({
      code: "film-format-wrong",
      message: expect.stringContaining("336x180 pixels instead of 320x180"),
    });
  });

  it.each<[string, string, Partial<JoinInput>]>([
    ["no chapters", "film-structure-wrong", { chapters: [] }],
    ["no captions", "film-structure-wrong", { captions: [] }],
    [
      "a missing chapter",
      "film-message-missing",
      { chapters: [{ title: "Ana Müller", firstFrame: 0, frameCount: 150 }] },
    ],
    [
      "a chapter with another name",
      "film-message-missing",
      {
        chapters: [
          { title: "Ana Müller", firstFrame: 0, frameCount: 70 },
          { title: "Ana Müller", firstFrame: 70, frameCount: 80 },
        ],
      },
    ],
    [
      "a chapter too many",
      "film-chapters-wrong",
      {
        chapters: [
          { title: "Ana Müller", firstFrame: 0, frameCount: 70 },
          { title: "عمر", firstFrame: 70, frameCount: 40 },
          { title: "Zoe", firstFrame: 110, frameCount: 40 },
        ],
      },
    ],
    [
      "words that are not captioned",
      "film-message-missing",
      { captions: [{ firstFrame: 30, frameCount: 30, text: "For" }] },
    ],
    [
      "a caption at another time",
      "film-captions-wrong",
      { captions: [{ firstFrame: 31, frameCount: 29, text: "For Ana" }] },
    ],
    ["another title", "film-tags-wrong", { title: "Anna" }],
    ["a missing date", "film-tags-wrong", { date: null }],
  ])("rejects %s", async (_, code, change) => {
    await expect(inspectJoined(change)).rejects.toMatchObject({ code, fault: "ours" });
  });

  it("rejects metadata of a source file", async () => {
    const located = inspectBytes((bytes) => replaceOnce(bytes, "\u{a9}day", "\u{a9}xyz"));
    await expect(located).rejects.toMatchObject({
      code: "film-tags-wrong",
      message: expect.stringContaining("udta/meta/ilst/\u{a9}xyz"),
    });
  });

  it("rejects a wrong colour tag", async () => {
    const bt601 = inspectBytes((bytes) =>
      replaceOnce(bytes, "nclx\0\u{1}\0\u{1}\0\u{1}", "nclx\0\u{6}\0\u{6}\0\u{6}"),
    );
    await expect(bt601).rejects.toMatchObject({ code: "film-format-wrong" });
  });

  it("rejects another profile in the parameter sets", async () => {
    const main = 77;
    const profile = inspectBytes((bytes) => {
      const config = bytes.indexOf("avcC") + 4;
      const set = bytes.indexOf(Buffer.from([0x67, 100]), config);
      bytes[config + 1] = main;
      bytes[set + 1] = main;
      return bytes;
    });
    await expect(profile).rejects.toThrow(/film/iu);
  });

  it.each<[string, string, Partial<InspectionPlan>]>([
    ["a length that was not planned", "film-frame-count-wrong", { frameCount: 151 }],
    ["a message without a scene", "film-message-missing", { scenes: [] }],
  ])("rejects %s", async (_, code, change) => {
    await expect(inspectPlanned(change)).rejects.toMatchObject({ code });
  });

  it("rejects a film without a picture, or without the text of a card", async () => {
    const black = await makeTinyFilm(await mkdtemp(path.join(folder, "black-")), {
      paint: (frame, x, y) => (frame >= 60 && frame < 75 ? 16 : drifting(frame, x, y)),
    });
    await expect(inspectFilm(black.inspection, childOptions(folder))).rejects.toMatchObject({
      code: "film-black-range",
      message: expect.stringContaining("frame 60 (0:02), in the scene ana-voice of message ana"),
    });
    const bare = await makeTinyFilm(await mkdtemp(path.join(folder, "bare-")), {
      paint: (frame, x, y) => (frame < 80 ? drifting(frame, x, y) : 30 + x / 9 + y / 12),
    });
    await expect(inspectFilm(bare.inspection, childOptions(folder))).rejects.toMatchObject({
      code: "film-message-missing",
      message: expect.stringContaining("the scene omar-voice of message omar"),
    });
  });

  it("rejects sound that is too loud or too soft", async () => {
    const both = new Float32Array(2 * 150 * samplesPerFrame);
    for (const { sound, firstSample } of tinyCues) both.set(sound, 2 * firstSample);
    const hot = inspectSounding(both.map((value) => Math.max(-0.99, Math.min(0.99, 9 * value))));
    await expect(hot).rejects.toMatchObject({ code: "film-peak-too-high" });
    await expect(inspectSounding(both.map((value) => value / 9))).rejects.toMatchObject({
      code: "film-loudness-wrong",
    });
  });

  it("rejects voices that are missing, cut off, late or exchanged", async () => {
    await expect(inspectMixed([firstCue])).rejects.toMatchObject({
      code: "film-silent-range",
      message: expect.stringContaining("frame 87 (0:02) on, where message omar speaks"),
    });
    const half = firstCue.sound.subarray(0, firstCue.sound.length / 2);
    await expect(inspectMixed([{ ...firstCue, sound: half }, secondCue])).rejects.toMatchObject({
      code: "film-silent-range",
      message: expect.stringContaining("frame 39 (0:01) on, where message ana speaks"),
    });
    const late = { ...firstCue, firstSample: firstCue.firstSample + samplesPerFrame / 2 };
    await expect(inspectMixed([late, secondCue])).rejects.toMatchObject({ code: "film-sound-wrong" });
    const swapped = [
      { ...firstCue, sound: secondCue.sound },
      { ...secondCue, sound: firstCue.sound },
    ];
    await expect(inspectMixed(swapped)).rejects.toMatchObject({ code: "film-sound-wrong" });
  });

  it("recognises a voice over a softer bed of other sound", async () => {
    const bed = voice(5, 311, 1).map((value, index) => 0.05 * value * Math.sin(index));
    const both = new Float32Array(2 * 150 * samplesPerFrame);
    both.set(bed);
    for (const { sound, firstSample } of tinyCues) {
      for (const [index, value] of sound.entries()) {
        const at = 2 * firstSample + index;
        both[at] = (both[at] ?? 0) + value;
      }
    }
    const { plan } = film.inspection;
    const aac = path.join(folder, "bed.aac");
    {
      await using encoder = await openAacEncoder(aac, 192_000);
      await encoder.write(both);
      await encoder.finish();
    }
    const file = path.join(folder, "bed.mp4");
    const sound = { path: aac, sampleCount: film.input.sound.sampleCount };
    const { sha256 } = await joinFilm({ ...film.input, sound, path: file }, childOptions(folder));
    const input = { ...film.inspection, path: file, sha256, plan: { ...plan, loudness: null } };
    await expect(inspectFilm(input, childOptions(folder))).resolves.toMatchObject({ frameCount: 150 });
  });

  it("rejects a film that must be completely loaded before it plays", async () => {
    const slow = inspectBytes((bytes) => {
      const movieStart = bytes.readUInt32BE(0);
      const movieEnd = movieStart + bytes.readUInt32BE(movieStart);
      return Buffer.concat([
        bytes.subarray(0, movieStart),
        bytes.subarray(movieEnd),
        bytes.subarray(movieStart, movieEnd),
      ]);
    });
    await expect(slow).rejects.toThrow(/before it is completely loaded/u);
  });

  it("rejects a film with a missing end", async () => {
    const cut = inspectBytes((bytes) => bytes.subarray(0, bytes.length - 1000));
    await expect(cut).rejects.toMatchObject({ code: "film-damaged" });
  });

  it("rejects a film with a single flipped bit anywhere", async () => {
    const { tracks } = await readMovie(film.input.path);
    const middles = tracks.map(({ samples }) => {
      const sample = Math.floor(samples.count / 2);
      return (samples.offsets[sample] ?? 0) + Math.floor((samples.sizes[sample] ?? 0) / 2);
    });
    expect(middles).toHaveLength(4);
    for (const at of middles) {
      const flipped = inspectBytes((bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ 0x10;
        return bytes;
      });
      await expect(flipped).rejects.toMatchObject({ code: expect.stringMatching(/^film-/u) });
    }
  });
});

describe("inspectSegment", () => {
  const span = { firstFrame: 300, frameCount: 45 };
  const plan = { width: 320, height: 180, fps: 30, ...span, ...noScenes };

  /** Inspects a segment whose frames differ from those that were handed to the encoder. */
  async function inspectPaintedAs(painted: Painting, encoded: Painting) {
    const wanted = await encodeSegment(path.join(folder, "wanted.mp4"), span, painted);
    const made = await encodeSegment(path.join(folder, "made.mp4"), span, encoded);
    return await inspectSegment(
      { segment: { ...made, thumbnails: wanted.thumbnails }, plan, filmFrame: 300 },
      childOptions(folder),
    );
  }

  it.each<[string, string, Painting]>([
    ["black", "film-black-range", (frame, x, y) => (frame < 320 ? drifting(frame, x, y) : 16)],
    ["frozen", "film-frozen-range", (frame, x, y) => drifting(Math.min(frame, 310), x, y)],
    ["rotated by 180°", "film-picture-wrong", (frame, x, y) => drifting(frame, 320 - x, 180 - y)],
  ])("rejects a segment that is encoded %s", async (_, code, encoded) => {
    await expect(inspectPaintedAs(drifting, encoded)).rejects.toMatchObject({ code });
  });

  it("recognises the same packets in another film, and none with a changed bit", async () => {
    const { digest } = await inspectPaintedAs(drifting, drifting);
    expect(digest).toMatch(/^[\da-f]{64}$/u);
    const [first] = film.inspection.segments;
    expect(digest).not.toBe(first?.digest);
  });

  it("rejects a segment with a missing frame", async () => {
    const made = await encodeSegment(path.join(folder, "short.mp4"), { ...span, frameCount: 44 }, drifting);
    const inspected = inspectSegment(
      { segment: { ...made, frameCount: 45 }, plan, filmFrame: 300 },
      childOptions(folder),
    );
    await expect(inspected).rejects.toMatchObject({ code: "film-frame-count-wrong" });
  });
});

it("inspecting a film leaves no process behind", async () => {
  await expect.poll(runningProcesses).toEqual([]);
});
