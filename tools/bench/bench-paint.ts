import path from "node:path";

import { cutSegments } from "../../dist/film/segments/cut-segments.js";
import { runChild } from "../../dist/process/run-child.js";
import { mapConcurrent } from "../../dist/async/map-concurrent.js";
import type { MakePhotoInput } from "./make-photo-child.js";
import { measureOverhead, type Overhead, type OverheadOptions } from "./measure-overhead.js";
import { planSlideshow } from "./slideshow.js";

export interface BenchPaintOptions extends OverheadOptions {
  readonly frameCount: number;
}

/** Photos of 12 megapixels, wide enough to fill the frame. */
const photoSize = { width: 4096, height: 2880 };
const photoSeeds = [1, 2, 3, 4];
const stepSeconds = 600;

/**
 * Measures the cost of painting: a slideshow of four 12-megapixel photos, from JPEG to encoded segments.
 *
 * @throws KeepsakeError `usage` where there is no /proc, and those of the pipeline; the signal's reason
 */
export async function benchPaint(options: BenchPaintOptions): Promise<Overhead> {
  const { frameCount, cores, folder, signal, onStep } = options;
  onStep?.("making four photos");
  const originals = await mapConcurrent(photoSeeds, cores, signal, (seed, stop) =>
    makePhoto(seed, folder, stop),
  );
  return await measureOverhead(async (own) => {
    const plan = await planSlideshow(originals, { frameCount, cores, folder: own, signal });
    const spans = cutSegments(plan.scenes, { ...plan, filmFrameCount: frameCount });
    return spans.map((span) => ({ ...plan, ...span }));
  }, options);
}

async function makePhoto(seed: number, folder: string, signal: AbortSignal): Promise<string> {
  const file = path.join(folder, `photo-${seed}.jpg`);
  const task = new URL("./make-photo-child.js", import.meta.url);
  const input = { seed, ...photoSize, path: file };
  await runChild<MakePhotoInput, null>(task, input, { folder, signal, timeoutSeconds: stepSeconds });
  return file;
}
