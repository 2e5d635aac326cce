import { mkdtemp, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import type { ClipAsset, PhotoAsset, SoundAsset } from "../../../dist/media/asset.js";
import { drawScenes } from "../../../dist/film/scenes/draw-scenes.js";
import type { Overlay, SceneLayers } from "../../../dist/film/model/scene-layers.js";
import type { Scene, SceneContent } from "../../../dist/film/model/scene.js";
import { typesetAll } from "./typeset-all.js";
import { plainSettings } from "../../plain-settings.js";
import { useFolder } from "../../use-folder.js";

const settings = { ...plainSettings, width: 1280, height: 720 };
const { signal } = new AbortController();
/** 6 % of the height: less than the margin of the theme, so that a hanging mark and a descender may be in it. */
const safePx = 0.06 * settings.height;

const folder = useFolder();
let layersByScene = new Map<string, SceneLayers>();
let scenesDrawn: readonly Scene[] = [];
const done: string[] = [];

/** A photo with a bright bottom, where names stand, and fine detail above. */
async function writePhoto(name: string, width: number, height: number): Promise<PhotoAsset> {
  const rgb = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const grey = y > height * 0.6 ? 250 : 90 + 60 * Math.sin(x / 7) * Math.cos(y / 9);
      rgb.set([grey, grey * 0.96, grey * 0.88], (y * width + x) * 3);
    }
  }
  const file = path.join(folder, `${name}.rgb`);
  await writeFile(file, rgb);
  return { kind: "photo", path: file, width, height, focus: { x: 0.5, y: 0.4 }, sha256: name };
}

/** Half a second of tone, then half a second of silence. */
async function writeSound(): Promise<SoundAsset> {
  const sampleCount = 48_000;
  const samples = new Float32Array(sampleCount * 2);
  for (let i = 0; i < sampleCount / 2; i += 1) {
    samples[i * 2] = 0.5 * Math.sin(i / 20);
    samples[i * 2 + 1] = samples[i * 2] ?? 0;
  }
  const file = path.join(folder, "voice.f32");
  await writeFile(file, Buffer.from(samples.buffer));
  return { kind: "sound", path: file, sampleCount, integratedLufs: -12, truePeakDbtp: -6, sha256: "voice" };
}

const clip: ClipAsset = {
  kind: "clip",
  path: "clip.mp4",
  streamIndex: 0,
  demuxer: "mov",
  width: 1080,
  height: 1920,
  mirrored: false,
  rotationDegrees: 0,
  transfer: "sdr",
  interlaced: false,
  startSeconds: 0,
  durationSeconds: 2,
  sound: null,
  sha256: "clip",
};

function scene(id: string, content: SceneContent): Scene {
  return { id, messageId: null, firstFrame: 0, frameCount: 210, content };
}

beforeAll(async () => {
  const wide = await writePhoto("wide", 1600, 1000);
  const upright = await writePhoto("upright", 600, 900);
  const tiny = await writePhoto("tiny", 160, 120);
  const sound = await writeSound();
  const voice = {
    kind: "voice",
    sound,
    soundFirstFrame: 30,
    soundFrameCount: 30,
    words: null,
    zoomsIn: true,
  } as const;
  const [latin, arabic, beside] = typesetAll(
    [
      { text: "Every Sunday she laid one place too many at the table.", box: "card" },
      { text: "كانت تقول لنا إن البيت لا يضيق بأحد، وكنا نضحك.", box: "card" },
      { text: "She gave me one bulb from her garden.", box: "beside-photo" },
    ],
    settings,
  );
  const words = { kind: "words", pageNumber: 1, pageCount: 1, missing: [] } as const;
  const scenes = [
    scene("opening", { kind: "opening", honoree: "Margaret Rose Hollis", dates: "1938 – 2026", photo: wide }),
    scene("opening-nameless", { kind: "opening", honoree: null, dates: null, photo: null }),
    scene("photo-full", { kind: "photo", photo: wide, name: "Daniel Okafor", words: null, zoomsIn: true }),
    scene("photo-rtl", { kind: "photo", photo: wide, name: "ليلى حدّاد", words: null, zoomsIn: false }),
    scene("photo-upright", { kind: "photo", photo: upright, name: "Grace Liu", words: null, zoomsIn: true }),
    scene("photo-tiny", { kind: "photo", photo: tiny, name: "Grace Liu", words: null, zoomsIn: true }),
    scene("photo-words", {
      kind: "photo",
      photo: upright,
      name: "Priya Raman",
      words: beside?.[0] ?? null,
      zoomsIn: true,
    }),
    scene("words", { ...words, words: latin?.[0] ?? null, name: "Thomas Bell", pageCount: 2 }),
    scene("words-rtl", { ...words, words: arabic?.[0] ?? null, name: "ليلى حدّاد" }),
    scene("missing", { ...words, words: null, name: "Samuel Hollis", missing: ["photo"] }),
    scene("voice", { ...voice, photo: null, name: "Aunt Beatriz" }),
    scene("voice-photo", { ...voice, photo: wide, name: "Aunt Beatriz" }),
    scene("voice-words", { ...voice, photo: upright, name: "Aunt Beatriz", words: beside?.[0] ?? null }),
    scene("clip", { kind: "clip", clip, clipFirstFrame: 24, clipFrameCount: 60, name: "Ingrid & Per" }),
    scene("clip-wide", {
      kind: "clip",
      clip: { ...clip, width: 1920, height: 1080 },
      clipFirstFrame: 24,
      clipFrameCount: 60,
      name: "Ingrid & Per",
    }),
    scene("names", {
      kind: "closing",
      names: ["Daniel", "Priya", "ليلى", "田中 恵子", "Marek Novák"],
      columnCount: 2,
      endCard: null,
    }),
    scene("end", {
      kind: "closing",
      names: [],
      columnCount: 1,
      endCard: { honoree: "Margaret Rose Hollis", dates: null },
    }),
    scene("nobody", { kind: "photo", photo: wide, name: null, words: null, zoomsIn: true }),
  ];
  layersByScene = await drawScenes(scenes, settings, {
    folder,
    signal,
    concurrency: 2,
    onDone: (id) => done.push(id),
  });
  scenesDrawn = scenes;
});

function paintOf(id: string): SceneLayers {
  const layers = layersByScene.get(id);
  if (layers === undefined) throw new Error(`Scene ${id} was not drawn.`);
  return layers;
}

interface Pixels {
  readonly luma: Uint8Array;
  readonly alpha: Uint8Array;
  readonly overlay: Overlay;
}

async function readOverlay(overlay: Overlay): Promise<Pixels> {
  const bytes = await readFile(overlay.path);
  const area = overlay.width * overlay.height;
  expect(bytes).toHaveLength((area * 11) / 4);
  return { luma: bytes.subarray(0, area), alpha: bytes.subarray((area * 3) / 2, (area * 5) / 2), overlay };
}

/** Finds solid pixels: letters and rules, not a scrim. */
function visibleBox({ alpha, overlay }: Pixels): {
  left: number;
  right: number;
  top: number;
  bottom: number;
} {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < alpha.length; i += 1) {
    if ((alpha[i] ?? 0) < 200) continue;
    const x = overlay.x + (i % overlay.width);
    const y = overlay.y + Math.floor(i / overlay.width);
    [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
  }
  return { left, right, top, bottom };
}

describe("every scene", () => {
  it("has a background of its stated size, and even overlays inside the frame with text inside the margins", async () => {
    const problems: string[] = [];
    const require = (holds: boolean, problem: string): void => {
      if (!holds) problems.push(problem);
    };
    for (const [id, { background, overlays }] of layersByScene) {
      const bytes = await readFile(background.path);
      require(bytes.length ===
        (background.width * background.height * 3) / 2, `${id}: size of the background's file`);
      const isFrame = background.width === settings.width && background.height === settings.height;
      require(isFrame || background.motion !== null, `${id}: a still background is of the frame's size`);
      for (const overlay of overlays) {
        const { x, y, width, height } = overlay;
        require([x, y, width, height].every((value) => value % 2 === 0), `${id}: even overlay`);
        require(x >= 0 && y >= 0, `${id}: overlay begins in the frame`);
        require(x + width <= settings.width &&
          y + height <= settings.height, `${id}: overlay ends in the frame`);
        const letters = visibleBox(await readOverlay(overlay));
        require(Math.min(letters.left, letters.top) >= safePx, `${id}: letters near the frame's start`);
        require(letters.right <= settings.width - safePx, `${id}: letters near the right`);
        require(letters.bottom <= settings.height - safePx, `${id}: letters near the bottom`);
      }
    }
    expect(problems).toEqual([]);
  });

  it("is reported when it is done, and leaves only its pictures", async () => {
    expect(done.toSorted()).toEqual(scenesDrawn.map(({ id }) => id).toSorted());
    const pictures = [...layersByScene.values()].flatMap(({ background, overlays }) => [
      background.path,
      ...overlays.map((o) => o.path),
    ]);
    const written = (await readdir(folder)).filter((name) => name.startsWith("scene-"));
    expect(written.toSorted()).toEqual(pictures.map((file) => path.basename(file)).toSorted());
  });

  it("is drawn in the same way again", async () => {
    const again = await mkdtemp(path.join(folder, "redrawn-"));
    const content = { kind: "closing", names: ["Daniel", "ليلى"], columnCount: 1, endCard: null } as const;
    const draw = async (): Promise<Buffer[]> => {
      const drawn = await drawScenes([scene("x", content)], settings, {
        folder: again,
        signal,
        concurrency: 1,
      });
      const { background, overlays } = drawn.get("x") as SceneLayers;
      return await Promise.all([background, ...overlays].map(async (file) => await readFile(file.path)));
    };
    const [first, second] = [await draw(), await draw()];
    expect(first.every((bytes, i) => bytes.equals(second[i] as Buffer))).toBe(true);
  });
});

describe("names and words", () => {
  it("start at the left margin, or at the right one for a name read from the right", async () => {
    const [left] = paintOf("photo-full").overlays;
    const [right] = paintOf("photo-rtl").overlays;
    const margin = (154 * 720) / 1080;
    expect(visibleBox(await readOverlay(left as Overlay)).left).toBeCloseTo(margin, -1);
    expect(visibleBox(await readOverlay(right as Overlay)).right).toBeCloseTo(1280 - margin, -1);
    const rightToLeft = visibleBox(await readOverlay(paintOf("words-rtl").overlays[0] as Overlay));
    expect(rightToLeft.left).toBeGreaterThan(1280 - rightToLeft.right);
  });

  it("do not overlap a framed photo", async () => {
    const { background, overlays } = paintOf("photo-words");
    const picture = await readFile(background.path);
    const words = visibleBox(await readOverlay(overlays[0] as Overlay));
    const close = background.motion?.to;
    expect(close).toBeDefined();
    // The photo's bottom is the only bright thing in the picture.
    let right = 0;
    for (let i = 0; i < background.width * background.height; i += 1) {
      if ((picture[i] ?? 0) > 200) right = Math.max(right, i % background.width);
    }
    const shownRight = (right - (close?.centreX ?? 0)) / (close?.scale ?? 1) + 640;
    expect(shownRight).toBeGreaterThan(300);
    expect(shownRight).toBeLessThan(words.left - 40);
  });

  it("are absent when nobody is named", () => {
    expect(paintOf("nobody").overlays).toEqual([]);
  });

  it("show page numbers on the cards of a long text", () => {
    expect(paintOf("words").overlays).toHaveLength(2);
    expect(paintOf("words-rtl").overlays).toHaveLength(1);
  });
});

describe("pictures", () => {
  it("of a tiny photo are enlarged at most twice", async () => {
    const { background } = paintOf("photo-tiny");
    const luma = (await readFile(background.path)).subarray(0, background.width * background.height);
    const rows = new Set<number>();
    for (let i = 0; i < luma.length; i += 1) {
      if ((luma[i] ?? 0) > 200) rows.add(Math.floor(i / background.width));
    }
    const closeScale = Math.min(background.motion?.from.scale ?? 1, background.motion?.to.scale ?? 1);
    expect(rows.size / closeScale).toBeGreaterThan(70);
    expect(rows.size / closeScale).toBeLessThanOrEqual(120 * 0.4 * 2 + 4);
  });

  it("of a clip leave its area to the painter", () => {
    expect(paintOf("clip").clip).toMatchObject({
      x: 436,
      y: 0,
      width: 406,
      height: 720,
      fill: { towards: [34, 127, 129] },
      firstFrame: 24,
    });
    expect(paintOf("clip-wide").clip).toMatchObject({ x: 0, width: 1280, height: 720, fill: null });
  });
});

describe("waveforms", () => {
  it("follow the voice: tall in its sound, dots in its silence, uncovered while it plays", async () => {
    const waves = paintOf("voice").overlays.filter((overlay) => overlay.width > 800);
    const [unheard, heard] = waves;
    expect(unheard?.reveal).toBeNull();
    expect(heard?.reveal).toEqual({ firstFrame: 30, frameCount: 30 });
    const { luma, alpha, overlay } = await readOverlay(heard as Overlay);
    const tallest = (from: number, to: number): number => {
      let most = 0;
      for (let x = Math.round(from * overlay.width); x < Math.round(to * overlay.width); x += 1) {
        let solid = 0;
        for (let y = 0; y < overlay.height; y += 1) if ((alpha[y * overlay.width + x] ?? 0) > 128) solid += 1;
        most = Math.max(most, solid);
      }
      return most;
    };
    expect(luma.length).toBeGreaterThan(0);
    expect(tallest(0.05, 0.45)).toBeGreaterThan(overlay.height * 0.8);
    expect(tallest(0.55, 0.95)).toBeLessThan(8);
  });
});

it("stops drawing with the given reason", async () => {
  const stopped = new AbortController();
  stopped.abort(new Error("enough"));
  const one = scene("x", { kind: "closing", names: ["A"], columnCount: 1, endCard: null });
  await expect(
    drawScenes([one], settings, { folder, signal: stopped.signal, concurrency: 1 }),
  ).rejects.toThrow("enough");
});

it("draws a scene in the same way whatever was drawn before it", async () => {
  const again = await mkdtemp(path.join(folder, "redrawn-"));
  const redrawn = await drawScenes(scenesDrawn.toReversed(), settings, {
    folder: again,
    signal,
    concurrency: 1,
  });
  for (const { id } of scenesDrawn) {
    const [first, second] = [layersByScene.get(id), redrawn.get(id)];
    expect(second?.overlays.map(withoutPath), id).toEqual(first?.overlays.map(withoutPath));
    for (const [index, { path: file }] of (first?.overlays ?? []).entries()) {
      expect((await readFile(second?.overlays[index]?.path ?? "")).equals(await readFile(file)), id).toBe(
        true,
      );
    }
  }
});

function withoutPath({ path: _path, ...place }: Overlay): Omit<Overlay, "path"> {
  return place;
}
