import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { beforeAll, expect, test } from "vitest";

import type { ClipAsset, PhotoAsset, SoundAsset } from "../../../dist/media/asset.js";
import { drawScenes } from "../../../dist/film/scenes/draw-scenes.js";
import { frameUnits } from "../../../dist/film/model/frame-units.js";
import type { FilmSettings } from "../../../dist/film/model/film-settings.js";
import type { Size } from "../../../dist/film/model/box.js";
import type { CameraPose, Overlay, SceneLayers } from "../../../dist/film/model/scene-layers.js";
import type { Scene, SceneContent } from "../../../dist/film/model/scene.js";
import { labelsByLanguage } from "../../../dist/film/model/labels.js";
import { toFrameBox } from "../../../dist/film/scenes/photos/camera.js";
import { builtInThemes, classic, light, night } from "../../../dist/film/model/theme.js";
import { typesetAll } from "./typeset-all.js";
import { plainSettings } from "../../plain-settings.js";
import { useFolder } from "../../use-folder.js";

/** Checks every kind of scene in every shape and theme: where text and photo are, and that they do not overlap. */

const { signal } = new AbortController();
const folder = useFolder();
let photos: Record<"wide" | "upright" | "square" | "panorama" | "tiny" | "strip", PhotoAsset>;
let sound: SoundAsset;

const long =
  "Every Sunday she laid one place too many at the table, in case somebody came. Somebody always came.\n\n" +
  "I was somebody, more often than I can count. She never asked why; she only asked whether I had eaten, and by " +
  "the time the kettle boiled I had told her everything. I have tried to keep a table like that, and anyone who sits " +
  "at it hears about her.";
const longName = "Wolfeschlegelsteinhausen Maximiliana Konstantinopolska-Hohenstein";

beforeAll(async () => {
  photos = {
    wide: await writePhoto("wide", 1200, 800),
    upright: await writePhoto("upright", 810, 1080),
    square: await writePhoto("square", 900, 900),
    panorama: await writePhoto("panorama", 1600, 400),
    tiny: await writePhoto("tiny", 60, 44),
    strip: await writePhoto("strip", 220, 1000),
  };
  sound = await writeSound();
});

/** A photo of a blue that is unlike every background, fill or text. */
async function writePhoto(name: string, width: number, height: number): Promise<PhotoAsset> {
  const file = path.join(folder, `${name}.rgb`);
  await writeFile(file, Buffer.alloc(width * height * 3, Buffer.from([20, 30, 250])));
  return { kind: "photo", path: file, width, height, focus: { x: 0.5, y: 0.4 }, sha256: name };
}

async function writeSound(): Promise<SoundAsset> {
  const sampleCount = 48_000;
  const samples = Float32Array.from({ length: sampleCount * 2 }, (_, i) => 0.5 * Math.sin(i / 40));
  const file = path.join(folder, "voice.f32");
  await writeFile(file, Buffer.from(samples.buffer));
  return { kind: "sound", path: file, sampleCount, integratedLufs: -12, truePeakDbtp: -6, sha256: "voice" };
}

function clipOf(width: number, height: number): SceneContent {
  const clip: ClipAsset = {
    kind: "clip",
    path: "clip.mp4",
    streamIndex: 0,
    demuxer: "mov",
    width,
    height,
    mirrored: false,
    rotationDegrees: 0,
    transfer: "sdr",
    interlaced: false,
    startSeconds: 0,
    durationSeconds: 2,
    sound: null,
    sha256: "clip",
  };
  return { kind: "clip", clip, clipFirstFrame: 24, clipFrameCount: 60, name: "Ingrid & Per" };
}

async function scenesFor(settings: FilmSettings): Promise<readonly Scene[]> {
  const [long1, short, arabic, beside, besideShort] = typesetAll(
    [
      { text: long, box: "card" },
      { text: "Thank you for the bread.", box: "card" },
      { text: "كانت تقول لنا إن البيت لا يضيق بأحد، وكنا نضحك لأن البيت كان غرفتين.", box: "card" },
      { text: "She gave me one bulb from her garden the year I moved away.", box: "beside-photo" },
      { text: "شكراً على الخبز.", box: "beside-photo" },
    ],
    settings,
  );
  const words = { kind: "words", pageNumber: 1, pageCount: 1, missing: [] } as const;
  const photo = { kind: "photo", words: null, name: "Grace Liu", zoomsIn: true } as const;
  const voice = { kind: "voice", sound, soundFirstFrame: 30, soundFrameCount: 30, zoomsIn: false } as const;
  const contents: Record<string, SceneContent> = {
    opening: { kind: "opening", honoree: "Margaret Rose Hollis", dates: "1938 – 2026", photo: photos.wide },
    "opening, long": { kind: "opening", honoree: longName, dates: "1938 – 2026", photo: null },
    "opening, nobody": { kind: "opening", honoree: null, dates: "Died 2026", photo: null },
    ...Object.fromEntries(
      Object.entries(photos).flatMap(([kind, asset]): [string, SceneContent][] => [
        [`photo, ${kind}`, { ...photo, photo: asset }],
        [`photo and words, ${kind}`, { ...photo, photo: asset, words: beside?.[0] ?? null, name: longName }],
      ]),
    ),
    "photo, right to left": { ...photo, photo: photos.upright, name: "ليلى حدّاد" },
    "photo and words, right to left": {
      ...photo,
      photo: photos.wide,
      words: besideShort?.[0] ?? null,
      name: "ليلى حدّاد",
    },
    ...Object.fromEntries(
      (long1 ?? []).map((page, index, { length }): [string, SceneContent] => [
        `words, page ${index + 1}`,
        { ...words, words: page, name: "Thomas Bell", pageNumber: index + 1, pageCount: length },
      ]),
    ),
    "words, few": { ...words, words: short?.[0] ?? null, name: longName, pageCount: 2 },
    "words, right to left": { ...words, words: arabic?.[0] ?? null, name: "ليلى حدّاد", pageCount: 2 },
    missing: {
      ...words,
      words: short?.[0] ?? null,
      name: "Samuel Hollis",
      missing: ["photo", "voice", "video"],
    },
    voice: { ...voice, photo: null, words: null, name: "Aunt Beatriz" },
    "voice, wide photo": { ...voice, photo: photos.wide, words: null, name: "Aunt Beatriz" },
    "voice, upright photo": { ...voice, photo: photos.upright, words: null, name: longName },
    "voice and words": { ...voice, photo: photos.upright, words: beside?.[0] ?? null, name: "Aunt Beatriz" },
    "clip, wide": clipOf(1280, 720),
    "clip, upright": clipOf(720, 1280),
    "clip, square": clipOf(720, 720),
    names: {
      kind: "closing",
      names: Array.from({ length: 10 }, (_, index) => (index === 7 ? longName : `Contributor ${index}`)),
      columnCount: settings.height > settings.width ? 1 : 2,
      endCard: null,
    },
    end: { kind: "closing", names: [], columnCount: 1, endCard: { honoree: longName, dates: "1938 – 2026" } },
  };
  return Object.entries(contents).map(([id, content]) => ({
    id,
    messageId: null,
    firstFrame: 0,
    frameCount: 210,
    content,
  }));
}

interface Span {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Finds where an overlay is solid: letters, rules and bars, but not a scrim or a softened edge. */
async function visibleBoxOf({
  path: file,
  x,
  y,
  width,
  height,
}: Overlay): Promise<{ box: Span; solid: Set<number> }> {
  const alpha = (await readFile(file)).subarray((width * height * 3) / 2, (width * height * 5) / 2);
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  const solid = new Set<number>();
  for (const [index, value] of alpha.entries()) {
    if (value < 250) continue;
    include(box, x + (index % width), y + Math.floor(index / width));
    solid.add((y + Math.floor(index / width)) * 10_000 + x + (index % width));
  }
  return { box, solid };
}

/**
 * Finds the blue photo of a background in the frame at both ends of the camera's move, in px; null where there is
 * none.
 */
async function photoAtEnds(
  { background }: SceneLayers,
  settings: FilmSettings,
): Promise<readonly [Span, Span] | null> {
  const { width, height, motion } = background;
  const blueness = (await readFile(background.path)).subarray(width * height, (width * height * 5) / 4);
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const [index, value] of blueness.entries()) {
    if (value > 215) include(box, (index % (width / 2)) * 2, Math.floor(index / (width / 2)) * 2);
  }
  if (box.left === Infinity || motion === null) return null;
  const seen = (pose: CameraPose): Span => {
    const inPicture = { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top };
    const { x, y, width: across, height: down } = toFrameBox(pose, inPicture, settings);
    return { left: x, right: x + across, top: y, bottom: y + down };
  };
  return [seen(motion.from), seen(motion.to)];
}

/** Returns the area that the photo covers at any time. */
function everSeen([from, to]: readonly [Span, Span]): Span {
  return {
    left: Math.min(from.left, to.left),
    right: Math.max(from.right, to.right),
    top: Math.min(from.top, to.top),
    bottom: Math.max(from.bottom, to.bottom),
  };
}

/**
 * Describes what is wrong with the camera's path along a long photo: it must begin before one end and stop after
 * the other.
 */
function travelProblems([from, to]: readonly [Span, Span], letters: readonly Span[], size: Size): string[] {
  const isDown = to.bottom - to.top > to.right - to.left;
  if (!isDown) {
    const isWhole = from.left >= -2 && to.right <= size.width + 2;
    return isWhole ? [] : [`an end of the panorama is never seen: ${JSON.stringify([from, to])}`];
  }
  const isWhole = from.top > 0 && to.bottom < size.height && from.left > 0 && from.right < size.width;
  const isClear = letters.every((box) => !touch(box, to));
  return [
    ...(isWhole ? [] : [`an end of the strip is never seen: ${JSON.stringify([from, to])}`]),
    ...(isClear ? [] : [`words lie on the end of the strip: ${JSON.stringify([to, letters])}`]),
  ];
}

function include(box: Span, x: number, y: number): void {
  box.left = Math.min(box.left, x);
  box.right = Math.max(box.right, x + 1);
  box.top = Math.min(box.top, y);
  box.bottom = Math.max(box.bottom, y + 1);
}

function touch(one: Span, other: Span): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

const sizes = [
  { width: 640, height: 360 },
  { width: 360, height: 640 },
  { width: 360, height: 360 },
];
/** A theme with the labels of the languages that have the longest. */
const themes = [
  { ...classic, labels: labelsByLanguage.de },
  { ...light, labels: labelsByLanguage.es },
  { ...night, labels: labelsByLanguage.fr },
];
const cases = sizes.flatMap((size) =>
  themes.map((theme) => ({ theme, name: theme.name, size, shape: frameUnits(size).shape })),
);

test.each(cases)(
  "text in $name in a $shape frame is inside the margins, and off the photo and other text",
  async ({ theme, size }) => {
    const settings = { ...plainSettings, ...size, theme };
    const frame = frameUnits(size);
    const margin = { x: 0.08 * size.width, y: 0.08 * size.height };
    const scenes = await scenesFor(settings);
    const drawn = await mkdtemp(path.join(folder, "drawn-"));
    const layersByScene = await drawScenes(scenes, settings, { folder: drawn, signal, concurrency: 2 });
    const problems: string[] = [];
    for (const { id, content } of scenes) {
      const require = (holds: boolean, problem: string): void => {
        if (!holds) problems.push(`${id}: ${problem}`);
      };
      const layers = layersByScene.get(id);
      if (layers === undefined) throw new Error(`${id} was not drawn`);
      const ends = await photoAtEnds(layers, settings);
      const isTravelled = layers.background.motion?.pace !== undefined;
      const seen = ends === null || isTravelled ? null : everSeen(ends);
      const coversFrame =
        seen !== null && seen.right - seen.left > size.width && seen.bottom - seen.top > size.height;
      if (seen !== null && !coversFrame) {
        require(seen.left > 0 && seen.top > 0, "the photo is cut off at the left or the top");
        require(seen.right < size.width &&
          seen.bottom < size.height, "the photo is cut off at the right or foot");
      }
      if (content.kind === "photo" || (content.kind === "voice" && content.photo !== null)) {
        require(ends !== null, "the photo is not there");
      }
      const textColours = await Promise.all(
        layers.overlays
          .filter(({ reveal }) => reveal === null)
          .map(async (overlay) => await visibleBoxOf(overlay)),
      );
      require(textColours.length > 0, "there are no words");
      if (ends !== null && isTravelled) {
        const problem = travelProblems(
          ends,
          textColours.map(({ box }) => box),
          size,
        ).join();
        require(problem === "", problem);
      }
      for (const { box } of textColours) {
        // A softened edge of a letter may be within a pixel of the margin.
        require(box.left >= margin.x - 1, `letters ${margin.x - box.left} px past the left margin`);
        require(box.right <= size.width - margin.x + 1, `letters past the right margin: ${box.right}`);
        require(box.top >= margin.y - 1, `letters past the top margin: ${box.top}`);
        require(box.bottom <= size.height - margin.y + 1, `letters past the bottom margin: ${box.bottom}`);
        if (seen !== null && !coversFrame) {
          require(!touch(box, seen), `words lie on the photo: ${JSON.stringify([box, seen])}`);
        }
        const clip = layers.clip;
        if (clip !== null && clip.fill !== null) {
          const place = {
            left: clip.x,
            right: clip.x + clip.width,
            top: clip.y,
            bottom: clip.y + clip.height,
          };
          const isInside =
            box.left >= place.left &&
            box.right <= place.right &&
            box.top >= place.top &&
            box.bottom <= place.bottom;
          require(isInside || !touch(box, place), "the name crosses the clip's edge");
        }
      }
      const [first, ...others] = textColours;
      for (const other of others) {
        const shared = [...other.solid].filter((pixel) => first?.solid.has(pixel) ?? false);
        require(shared.length === 0, `${shared.length} px of letters lie on each other`);
      }
    }
    expect(problems).toEqual([]);
    // Units, not pixels: the same frame at another resolution has the same layout.
    expect(Math.min(frame.width, frame.height)).toBeCloseTo(1080, 6);
  },
);

test("sets no text of any theme smaller than 40 units", () => {
  for (const { type } of Object.values(builtInThemes)) {
    const { weight: _weight, labelTrackingEm: _tracking, ...sizesPx } = type;
    expect(Math.min(...Object.values(sizesPx))).toBeGreaterThanOrEqual(40);
  }
});
