import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { colourDifference, toLab } from "../../../dist-tools/bench/colour-difference.js";
import type { Rgb } from "../../../dist/colour/rgb.js";
import { yuvToRgb } from "../../../dist/colour/yuv.js";
import { encodeSegment, type EncodeUsage } from "../../../dist/film/segments/encode-segment.js";
import { rgbToI420, rgbaToOverlay } from "../../../dist/film/scenes/drawing/pixels.js";
import type { SceneLayers } from "../../../dist/film/model/scene-layers.js";
import type { EncodedSegment, PaintPlan } from "../../../dist/film/model/segments.js";
import { cutSegments } from "../../../dist/film/segments/cut-segments.js";
import { decodeFilmPictures, type FilmPicture } from "../../../dist/media/film-files/decode-film-pictures.js";
import { readMovie, videoConfig } from "../../../dist/mp4/read-movie.js";
import { Stop } from "../../../dist/async/stop.js";
import { useFolder } from "../../use-folder.js";

const film = { width: 640, height: 360, fps: 30 };
const filmFrameCount = 200;
const encoder = { preset: "veryfast", crf: 16 } as const;
const { signal } = new AbortController();

/** The colours of a card of four by three fields. */
const card = [
  [0, 0, 0],
  [255, 255, 255],
  [128, 128, 128],
  [32, 32, 32],
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
  [224, 172, 105],
  [90, 56, 37],
  [70, 110, 60],
  [96, 140, 190],
] as const;
const columns = 4;
const field = { width: film.width / columns, height: film.height / 3 };

const folder = useFolder();
let plan: PaintPlan;
const segments: (EncodedSegment & EncodeUsage)[] = [];
const framesReported: number[] = [];

beforeAll(async () => {
  plan = await writeFilm();
  for (const span of cutSegments(plan.scenes, { dissolveFrames: 15, filmFrameCount })) {
    const output = path.join(folder, `segment-${span.firstFrame}.mp4`);
    const onFrames = (frames: number): number => framesReported.push(frames);
    segments.push(await encodeSegment({ ...plan, ...span }, { encoder, output, folder, signal, onFrames }));
  }
});

/** Writes a still card, then waves that move, with a white square over half of them. */
async function writeFilm(): Promise<PaintPlan> {
  const save = async (name: string, bytes: Uint8Array): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, bytes);
    return file;
  };
  const rgb = new Uint8Array(film.width * film.height * 3);
  for (let i = 0; i < film.width * film.height; i += 1) {
    const [x, y] = [i % film.width, Math.floor(i / film.width)];
    rgb.set(card[Math.floor(y / field.height) * columns + Math.floor(x / field.width)] ?? [], i * 3);
  }
  const waves = { width: 720, height: 400 };
  const wavesRgb = Uint8Array.from({ length: waves.width * waves.height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return 128 + 90 * Math.sin((pixel % waves.width) / 9 + (i % 3)) * Math.cos(pixel / waves.width / 7);
  });
  const square = { x: 320, y: 100, width: 100, height: 100 };
  const overlay = {
    ...square,
    path: await save("square.overlay", rgbaToOverlay(new Uint8Array(100 * 100 * 4).fill(255), 100, 100)),
    firstFrame: 20,
    fadeFrames: 10,
    reveal: null,
  };
  const still: SceneLayers = {
    background: {
      path: await save("card.i420", rgbToI420(rgb, film.width, film.height)),
      ...film,
      motion: null,
    },
    clip: null,
    overlays: [],
  };
  const moving: SceneLayers = {
    background: {
      path: await save("waves.i420", rgbToI420(wavesRgb, waves.width, waves.height)),
      ...waves,
      motion: {
        from: { centreX: 340, centreY: 190, scale: 1 },
        to: { centreX: 380, centreY: 210, scale: 1.05 },
      },
    },
    clip: null,
    overlays: [overlay],
  };
  return {
    ...film,
    firstFrame: 0,
    frameCount: filmFrameCount,
    scenes: [
      { firstFrame: 0, frameCount: 90, layers: still },
      { firstFrame: 75, frameCount: 125, layers: moving },
    ],
    dissolveFrames: 15,
    fadeFromBlack: { firstFrame: 0, frameCount: 10 },
    fadeToBlack: { firstFrame: filmFrameCount - 10, frameCount: 10 },
  };
}

async function decode(segment: EncodedSegment): Promise<FilmPicture[]> {
  const pictures: FilmPicture[] = [];
  for await (const picture of decodeFilmPictures(segment.path, { streamIndex: 0, threads: 1 })) {
    pictures.push({ ...picture, planes: picture.planes.map((plane) => Uint8Array.from(plane)) });
  }
  return pictures;
}

/** Returns the middle of a field as RGB from 0 to 255. */
function fieldColour({ planes, strides }: FilmPicture, index: number): Rgb {
  const x = ((index % columns) + 0.5) * field.width;
  const y = (Math.floor(index / columns) + 0.5) * field.height;
  const sample = (plane: number, grain: number): number =>
    planes[plane]?.[Math.floor(y / grain) * (strides[plane] ?? 0) + Math.floor(x / grain)] ?? Number.NaN;
  return yuvToRgb([sample(0, 1), sample(1, 2), sample(2, 2)]);
}

describe("encodeSegment", () => {
  test("writes exactly the frames of a segment from time 0 on, with their tags", async () => {
    expect(segments.map(({ frameCount }) => frameCount)).toEqual([90, 110]);
    for (const segment of segments) {
      const pictures = await decode(segment);
      expect(pictures.map(({ seconds }) => Math.round(seconds * 30 * 1e6) / 1e6)).toEqual(
        Array.from({ length: segment.frameCount }, (_, frame) => frame),
      );
      expect(pictures[0]?.format).toBe("h264 High yuv420p 640x360 bt709/bt709/bt709 limited");
    }
  });

  test("writes the same parameter sets in all segments, and a key frame every two seconds", async () => {
    const movies = await Promise.all(segments.map(({ path: file }) => readMovie(file)));
    const configs = movies.map(({ tracks: [track] }) => track && videoConfig(track, "avcC"));
    expect(configs[0]?.length).toBeGreaterThan(20);
    expect(configs[1]).toEqual(configs[0]);
    expect(movies.map(({ tracks: [track] }) => [...(track?.samples.keySamples ?? [])])).toEqual([
      [0, 60],
      [0, 60],
    ]);
  });

  test("preserves colours within what an eye can tell", async () => {
    const [first] = segments;
    const picture = first && (await decode(first))[40];
    for (const [index, colour] of card.entries()) {
      const shown = picture === undefined ? ([Number.NaN, 0, 0] as const) : fieldColour(picture, index);
      const difference = colourDifference(toLab(shown), toLab(colour));
      expect(difference, `field ${index}: ${shown.map(Math.round).join(", ")}`).toBeLessThan(1);
    }
  });

  test("fades from black, shows the overlays, and fades to black", async () => {
    const [first, last] = await Promise.all(segments.map(decode));
    const luma = (picture: FilmPicture | undefined, x: number, y: number): number =>
      picture?.planes[0]?.[y * (picture.strides[0] ?? 0) + x] ?? Number.NaN;
    expect(Math.abs(luma(first?.[0], 240, 60) - 16)).toBeLessThanOrEqual(2);
    expect(luma(first?.[40], 240, 60)).toBeGreaterThan(230);
    // Frame 130 of the film is frame 55 of its scene, where the square is completely visible.
    expect(luma(last?.[40], 370, 150)).toBeGreaterThan(230);
    expect(Math.abs(luma(last?.at(-1), 370, 150) - 16)).toBeLessThanOrEqual(2);
  });

  test("makes the same bytes from the same plan", async () => {
    const [segment] = segments;
    const again = path.join(folder, "again.mp4");
    await encodeSegment({ ...plan, frameCount: 90 }, { encoder, output: again, folder, signal });
    const digests = await Promise.all(
      [segment?.path ?? "", again].map(async (file) =>
        createHash("sha256")
          .update(await readFile(file))
          .digest("hex"),
      ),
    );
    expect(digests[1]).toBe(digests[0]);
  });

  test("reports its frames and its resource usage", () => {
    expect(framesReported).toContain(90);
    expect(framesReported.at(-1)).toBe(110);
    for (const { cpuSeconds, peakMib } of segments) {
      expect(cpuSeconds).toBeGreaterThan(0);
      expect(peakMib).toBeGreaterThan(50);
      expect(peakMib).toBeLessThan(600);
    }
  });

  test("stops at once with the reason, and leaves no process", async () => {
    const stop = new AbortController();
    const reason = new Stop("cancelled", "The test says so.");
    const encoding = encodeSegment(plan, {
      encoder,
      output: path.join(folder, "stopped.mp4"),
      folder,
      signal: stop.signal,
      onFrames: () => stop.abort(reason),
    });
    await expect(encoding).rejects.toBe(reason);
    // A process is a child of the thread that started it.
    const threads = existsSync("/proc/self/task") ? readdirSync("/proc/self/task") : [];
    const running = threads.map((thread) =>
      readFileSync(`/proc/self/task/${thread}/children`, "utf8").trim(),
    );
    expect(running.join("")).toBe("");
  });

  test("reports a missing picture as an internal error that names the file", async () => {
    const [scene] = plan.scenes;
    const gone = path.join(folder, "gone.i420");
    const broken = scene && {
      ...scene,
      layers: { ...scene.layers, background: { ...scene.layers.background, path: gone } },
    };
    const encoding = encodeSegment(
      { ...plan, frameCount: 5, scenes: broken === undefined ? [] : [broken] },
      { encoder, output: path.join(folder, "broken.mp4"), folder, signal },
    );
    await expect(encoding).rejects.toThrow(/gone\.i420/);
  });
});
