import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";

import type { PhotoAsset } from "../../dist/media/asset.js";
import { prepareAsset } from "../../dist/assets/open-preparers.js";
import { drawScenes } from "../../dist/film/scenes/draw-scenes.js";
import type { FilmSettings } from "../../dist/film/model/film-settings.js";
import { classic } from "../../dist/film/model/theme.js";
import type { Scene } from "../../dist/film/model/scene.js";
import type { PaintPlan } from "../../dist/film/model/segments.js";
import { mapConcurrent } from "../../dist/async/map-concurrent.js";

export interface SlideshowOptions {
  readonly frameCount: number;
  /** Processes that draw at the same time. */
  readonly cores: number;
  /** Private folder; it is created if missing. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** One second at 30 fps. */
const dissolveFrames = 30;
const settings: FilmSettings = {
  width: 1920,
  height: 1080,
  fps: 30,
  quality: "standard",
  theme: classic,
  maxBytes: null,
  music: null,
  honoree: null,
  recogniser: null,
  captionLanguage: "und",
  maxSeconds: 43_200,
  strict: false,
};

/**
 * Prepares and draws photos as a film does, ready to be painted. Each fills the frame, moves slowly and dissolves into
 * the next; there is no text.
 *
 * @param originals image files
 * @throws KeepsakeError errors of preparing and drawing; the signal's reason
 */
export async function planSlideshow(
  originals: readonly string[],
  { frameCount: filmFrameCount, cores, folder, signal }: SlideshowOptions,
): Promise<PaintPlan> {
  await mkdir(folder, { recursive: true });
  const photos = await mapConcurrent(originals, cores, signal, (file, stop) =>
    preparePhoto(file, folder, stop),
  );
  const stepFrames = Math.floor((filmFrameCount - dissolveFrames) / photos.length);
  const scenes = photos.map((photo, ordinal): Scene => {
    const firstFrame = ordinal * stepFrames;
    const isLast = ordinal === photos.length - 1;
    return {
      id: `photo-${ordinal}`,
      messageId: null,
      firstFrame,
      frameCount: isLast ? filmFrameCount - firstFrame : stepFrames + dissolveFrames,
      content: { kind: "photo", photo, name: null, words: null, zoomsIn: ordinal % 2 === 0 },
    };
  });
  const layersByScene = await drawScenes(scenes, settings, { folder, signal, concurrency: cores });
  return {
    firstFrame: 0,
    frameCount: filmFrameCount,
    width: settings.width,
    height: settings.height,
    fps: settings.fps,
    scenes: scenes.flatMap(({ id, firstFrame, frameCount }) => {
      const layers = layersByScene.get(id);
      return layers === undefined ? [] : [{ firstFrame, frameCount, layers }];
    }),
    dissolveFrames,
    fadeFromBlack: null,
    fadeToBlack: null,
  };
}

async function preparePhoto(file: string, folder: string, signal: AbortSignal): Promise<PhotoAsset> {
  const bytes = await readFile(file);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const { asset } = await prepareAsset({ path: file, sha256, folder }, { sizeBytes: bytes.length, signal });
  if (asset.kind !== "photo") throw new TypeError(`${file} is not a photo.`);
  return asset;
}
