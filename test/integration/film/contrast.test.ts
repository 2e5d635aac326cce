import { mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";

import { AV_LOG_ERROR } from "node-av/constants";
import { Log } from "node-av/lib";
import { beforeAll, describe, expect, test } from "vitest";

import type { ClipAsset, PhotoAsset, SoundAsset } from "../../../dist/media/asset.js";
import { drawScenes } from "../../../dist/film/scenes/draw-scenes.js";
import type { FilmSettings } from "../../../dist/film/model/film-settings.js";
import { rgbToI420 } from "../../../dist/film/scenes/drawing/pixels.js";
import type { SceneLayers } from "../../../dist/film/model/scene-layers.js";
import type { Scene, SceneContent } from "../../../dist/film/model/scene.js";
import type { Rgb } from "../../../dist/colour/rgb.js";
import { builtInThemes, type Theme } from "../../../dist/film/model/theme.js";
import { typesetAll } from "./typeset-all.js";
import { openMediaWriter } from "../../../dist/media/film-files/open-media-writer.js";
import { minContrasts, withoutScrims, type TextColour } from "./measure-contrast.js";
import { plainSettings } from "../../plain-settings.js";
import { useFolder } from "../../use-folder.js";

// x264 prints its statistics at a lower level.
Log.setLevel(AV_LOG_ERROR);

const film = { width: 960, height: 540 };
const { signal } = new AbortController();
const folder = useFolder();
let sound: SoundAsset;

beforeAll(async () => {
  const file = path.join(folder, "voice.f32");
  const samples = Float32Array.from({ length: 96_000 }, (_, i) => 0.4 * Math.sin(i / 40));
  await writeFile(file, new Uint8Array(samples.buffer));
  sound = {
    kind: "sound",
    path: file,
    sampleCount: 48_000,
    integratedLufs: -12,
    truePeakDbtp: -8,
    sha256: "v",
  };
});

/** Pictures on which text is hard to read; sizes in px of a frame 960 wide. */
const nasty: Readonly<Record<string, (x: number, y: number) => Rgb>> = {
  snow: () => [252, 252, 255],
  night: () => [2, 2, 3],
  "fine checks": (x, y) => ((x + y) % 2 === 0 ? [255, 255, 255] : [0, 0, 0]),
  "large checks": (x, y) => (((x >> 4) + (y >> 4)) % 2 === 0 ? [255, 255, 255] : [0, 0, 0]),
  "half and half": (x) => (x % 240 < 120 ? [255, 255, 255] : [0, 0, 0]),
  "a white foot": (_x, y) => (y > 400 ? [250, 250, 245] : [40, 40, 40]),
  blue: () => [10, 20, 255],
  yellow: () => [255, 235, 0],
};

/** Test pictures for every theme: too bright, too dark, both, and more colourful than the text. */
const worstOfAll = ["snow", "night", "large checks", "blue"] as const;

async function writePhoto(name: string, width: number, height: number): Promise<PhotoAsset> {
  const file = path.join(folder, `${name}-${width}.rgb`);
  await writeFile(file, paintRgb(name, width, height));
  return { kind: "photo", path: file, width, height, focus: { x: 0.5, y: 0.5 }, sha256: name };
}

function paintRgb(name: string, width: number, height: number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  const colourAt = nasty[name];
  for (let i = 0; i < width * height; i += 1) {
    rgb.set(colourAt?.(i % width, Math.floor(i / width)) ?? [0, 0, 0], i * 3);
  }
  return rgb;
}

async function writeClip(name: string, width: number, height: number): Promise<ClipAsset> {
  const file = path.join(folder, `${name}-${width}.mp4`);
  await using writer = await openMediaWriter(file, {
    container: "mp4",
    picture: { width, height, fps: 30, crf: 10, rotationDegrees: 0 },
    sound: { codec: "aac", sampleRate: 48_000, channelCount: 1, bitsPerSecond: 64_000 },
  });
  const i420 = rgbToI420(paintRgb(name, width, height), width, height);
  for (let frame = 0; frame < 4; frame += 1) await writer.writePicture(i420);
  await writer.writeSound(new Float32Array(6400));
  await writer.finish();
  return {
    kind: "clip",
    path: file,
    demuxer: "mov",
    streamIndex: 0,
    width,
    height,
    mirrored: false,
    rotationDegrees: 0,
    transfer: "sdr",
    interlaced: false,
    startSeconds: 0,
    durationSeconds: 4 / 30,
    sound: null,
    sha256: name,
  };
}

const allTextColours = ({ colours, onPicture, onBrightPicture }: Theme): TextColour[] => [
  { what: "type", colour: colours.type },
  { what: "label", colour: colours.label },
  { what: "quiet", colour: colours.quiet },
  { what: "accent", colour: colours.accent },
  { what: "type on picture", colour: onPicture.type },
  { what: "accent on picture", colour: onPicture.accent },
  { what: "type on bright picture", colour: onBrightPicture.type },
  { what: "accent on bright picture", colour: onBrightPicture.accent },
];

/** Every kind of scene with text on a picture, and with `null` all with text on a plain background. */
async function contentsOf(
  settings: FilmSettings,
  name: string | null,
): Promise<Record<string, SceneContent>> {
  const pages = typesetAll(
    [
      { text: "She gave me one bulb from her garden the year I moved away.", box: "beside-photo" },
      { text: "كانت تقول لنا إن البيت لا يضيق بأحد.", box: "card" },
    ],
    settings,
  );
  const [beside, arabic] = pages.map((page) => page?.[0] ?? null);
  const person = { name: "Daniel Okafor" };
  const voice = {
    kind: "voice",
    sound,
    soundFirstFrame: 0,
    soundFrameCount: 120,
    words: null,
    photo: null,
    zoomsIn: true,
  } as const;
  const words = { kind: "words", words: null, pageNumber: 1, pageCount: 2, missing: [], ...person } as const;
  if (name === null) {
    return {
      opening: { kind: "opening", honoree: "Margaret Hollis", dates: "1938 – 2026", photo: null },
      words: { ...words, words: beside ?? null },
      "words from the right": { ...words, words: arabic ?? null, name: "ليلى حدّاد" },
      "what is missing": { ...words, missing: ["photo", "voice", "video"] },
      voice: { ...voice, ...person },
      closing: {
        kind: "closing",
        names: ["Daniel", "Priya", "ليلى", "Marek", "Isla", "Ruth"],
        columnCount: 2,
        endCard: null,
      },
      "end card": {
        kind: "closing",
        names: [],
        columnCount: 1,
        endCard: { honoree: "Margaret Hollis", dates: "1938 – 2026" },
      },
    };
  }
  const wide = await writePhoto(name, 1056, 594);
  const upright = await writePhoto(name, 600, 800);
  const moving = { kind: "clip", clipFirstFrame: 0, clipFrameCount: 4, ...person } as const;
  return {
    opening: { kind: "opening", honoree: "Margaret Hollis", dates: "1938 – 2026", photo: wide },
    "full photo": { kind: "photo", photo: wide, words: null, zoomsIn: true, ...person },
    "full photo from the right": {
      kind: "photo",
      photo: wide,
      words: null,
      zoomsIn: false,
      name: "ليلى حدّاد",
    },
    "whole photo": { kind: "photo", photo: upright, words: null, zoomsIn: true, ...person },
    "photo with words": { kind: "photo", photo: upright, words: beside ?? null, zoomsIn: false, ...person },
    "voice over a photo": { ...voice, photo: wide, ...person },
    "voice over a photo from the right": { ...voice, photo: wide, name: "ليلى حدّاد" },
    "voice beside a photo": { ...voice, photo: upright, words: beside ?? null, ...person },
    clip: { ...moving, clip: await writeClip(name, 640, 360) },
    "upright clip": { ...moving, clip: await writeClip(name, 180, 320) },
    "clip of old television": { ...moving, clip: await writeClip(name, 320, 240) },
  };
}

describe.each(Object.values(builtInThemes))("words of a film in $name", (theme) => {
  const settings = { ...plainSettings, ...film, theme };
  const textColours = allTextColours(theme);

  /** Drawn once, because several tests use them. */
  const drawn = new Map<string | null, Promise<Map<string, SceneLayers>>>();

  async function draw(name: string | null): Promise<Map<string, SceneLayers>> {
    const known = drawn.get(name) ?? drawContents(name);
    drawn.set(name, known);
    return await known;
  }

  async function drawContents(name: string | null): Promise<Map<string, SceneLayers>> {
    const contents = await contentsOf(settings, name);
    const scenes = Object.entries(contents).map(([id, content]): Scene => ({
      id,
      messageId: null,
      firstFrame: 0,
      frameCount: 61,
      content,
    }));
    const place = await mkdtemp(path.join(folder, "scenes-"));
    return await drawScenes(scenes, settings, { folder: place, signal, concurrency: 2 });
  }

  const pictures = theme.name === "classic" ? Object.keys(nasty) : worstOfAll;
  test.each([null, ...pictures])("stand out from what is behind them: %s", async (name) => {
    const faults: string[] = [];
    for (const [id, layers] of await draw(name)) {
      const least = await minContrasts(film, layers, textColours);
      if (least.size === 0) faults.push(`${id}: no letters was found`);
      for (const [what, ratio] of least) {
        const needed = what.startsWith("accent") ? (id.startsWith("voice") ? 3 : 2) : 4.5;
        if (ratio < needed) faults.push(`${id}: ${what} has ${ratio.toFixed(2)} to 1`);
      }
    }
    expect(faults).toEqual([]);
  });

  test("finds too little contrast without the scrim", async () => {
    const layersByScene = await draw("large checks");
    for (const id of ["full photo", "full photo from the right", "voice over a photo", "clip"]) {
      const layers = layersByScene.get(id);
      if (layers === undefined) throw new Error(`${id} was not drawn.`);
      const bare = await minContrasts(film, await withoutScrims(layers, textColours), textColours);
      expect(Math.min(...bare.values()), id).toBeLessThan(2.5);
    }
  });
});
