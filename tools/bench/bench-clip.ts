import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";

import type { ClipAsset } from "../../dist/media/asset.js";
import { prepareAsset } from "../../dist/assets/open-preparers.js";
import { drawScenes } from "../../dist/film/scenes/draw-scenes.js";
import type { PictureSettings } from "../../dist/film/model/film-settings.js";
import type { Scene } from "../../dist/film/model/scene.js";
import type { PaintPlan } from "../../dist/film/model/segments.js";
import { classic } from "../../dist/film/model/theme.js";
import { runChild } from "../../dist/process/run-child.js";
import type { MakeMediumInput } from "./make-medium-child.js";
import {
  costOf,
  measureOverhead,
  type Cost,
  type Overhead,
  type OverheadOptions,
} from "./measure-overhead.js";

export interface BenchClipOptions extends OverheadOptions {
  readonly seconds: number;
}

export interface BenchClipResult extends Overhead {
  /** Cost of preparing the clip, which happens once per file and decodes all of it. It is not part of the ratios. */
  readonly preparing: Cost;
}

const settings: PictureSettings = { width: 1920, height: 1080, fps: 30, theme: classic };
const picture = { width: 1920, height: 1080, isPhones: true };
/** Scenes that are made at the same time, like the segments of a film. */
const sceneCount = 2;
const stepSeconds = 600;

/**
 * Measures the cost of a clip from its file to encoded segments. The clip is like one of a phone held upright: HEVC,
 * rotated, with an uneven frame rate. It is shown with a name over its blurred background.
 *
 * @throws KeepsakeError `usage` where there is no /proc, and those of the pipeline; the signal's reason
 */
export async function benchClip(options: BenchClipOptions): Promise<BenchClipResult> {
  const { seconds, cores, folder, signal, onStep } = options;
  onStep?.("filming a clip");
  const file = path.join(folder, "clip.mp4");
  const task = new URL("./make-medium-child.js", import.meta.url);
  const input = { seed: 1, seconds, picture, path: file };
  await runChild<MakeMediumInput, null>(task, input, { folder, signal, timeoutSeconds: stepSeconds });

  onStep?.("preparing it");
  const { result: clip, cost: preparing } = await costOf(() => prepareClip(file, folder, signal));
  const frameCount = seconds * settings.fps;
  const scenes = Array.from({ length: sceneCount }, (_, index): Scene => {
    const timing = { clipFirstFrame: 0, clipFrameCount: frameCount };
    const content = { kind: "clip", clip, ...timing, name: "Margarethe Lindqvist" } as const;
    return { id: `clip-${index}`, messageId: null, firstFrame: 0, frameCount, content };
  });
  const overhead = await measureOverhead(async (own): Promise<PaintPlan[]> => {
    const layersByScene = await drawScenes(scenes, settings, { folder: own, signal, concurrency: cores });
    return [...layersByScene.values()].map((layers) => ({
      ...settings,
      firstFrame: 0,
      frameCount,
      scenes: [{ firstFrame: 0, frameCount, layers }],
      dissolveFrames: 0,
      fadeFromBlack: null,
      fadeToBlack: null,
    }));
  }, options);
  return { ...overhead, preparing };
}

async function prepareClip(file: string, folder: string, signal: AbortSignal): Promise<ClipAsset> {
  const bytes = await readFile(file);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const { asset } = await prepareAsset({ path: file, sha256, folder }, { sizeBytes: bytes.length, signal });
  if (asset.kind !== "clip") throw new TypeError(`${file} is not a clip.`);
  return asset;
}
