/**
 * Measures the time of each stage of a whole film: the film of a capsule of mixed messages is made without a cache, and its
 * frames are encoded once more by the encoder alone.
 */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";

import { noCache } from "../../dist/cache/disk-cache.js";
import type { MakeFilmRequest } from "../../dist/film/make-film.js";
import { encoderSettings } from "../../dist/film/model/quality.js";
import type { PaintPlan } from "../../dist/film/model/segments.js";
import type { Stage } from "../../dist/progress.js";
import { createStageClock } from "../../dist/worker/stage-clock.js";
import { mapConcurrent } from "../../dist/async/map-concurrent.js";
import type { BenchEnvironment } from "./bench-environment.js";
import { encodeRaw, paintRaw } from "./bare-encode.js";
import { drawFilm } from "./draw-film.js";
import { costOf, type Cost } from "./measure-overhead.js";
import { makeMixedCapsule } from "./mixed-capsule.js";
import { openCpuWatch, openPeakWatch } from "./process-tree.js";
import { renderCapsule } from "./render-capsule.js";

export interface BenchFilmOptions extends BenchEnvironment {
  readonly messageCount: number;
}

export interface BenchFilmResult {
  /** Time of the whole film, from its files to the inspected MP4, divided by that of the bare encoding of its frames. */
  readonly wallRatio: number;
  readonly cpuRatio: number;
  readonly film: Cost;
  readonly encoder: Cost;
  /** Stages overlap: the sound is mixed while pictures are painted. */
  readonly wallSecondsByStage: Partial<Record<Stage, number>>;
  /** CPU time by task; `worker` is the process that starts the others. */
  readonly cpuSecondsByTask: Readonly<Record<string, number>>;
  /** Peak memory of the largest process. */
  readonly peakMib: number;
  readonly treePeakMib: number;
  readonly messageCount: number;
  readonly frameCount: number;
  readonly sizeBytes: number;
}

/** Raw frames on disk at the same time: 3.7 GB at 1080p. */
const maxRawFrames = 1200;

/** @throws KeepsakeError `usage` where there is no /proc, and those of the film; the signal's reason */
export async function benchFilm(options: BenchFilmOptions): Promise<BenchFilmResult> {
  const { messageCount, settings, cores, folder, log, signal } = options;
  const reportStep = options.onStep ?? (() => undefined);
  const media = path.join(folder, "capsule");
  reportStep(`making a capsule of ${messageCount} messages`);
  const content = await makeMixedCapsule({ messageCount, folder: media, cores, signal });

  reportStep("making its film");
  const made = path.join(folder, "film");
  await mkdir(made);
  const clock = createStageClock(() => undefined);
  using cpu = openCpuWatch();
  using memory = openPeakWatch();
  const { result, cost: film } = await costOf(() =>
    renderCapsule({
      content,
      media,
      settings,
      cores,
      folder: made,
      log,
      signal,
      cache: noCache,
      onProgress: clock.report,
    }),
  );
  const { peakMib, treePeakMib } = memory;
  const { cpuSecondsByTask } = cpu.read();

  reportStep("encoding its frames alone");
  const encoder = await encodeBarely(result.request, options);
  const { frameCount, sizeBytes } = result.film;
  return {
    wallRatio: film.wallSeconds / encoder.wallSeconds,
    cpuRatio: film.cpuSeconds / encoder.cpuSeconds,
    film,
    encoder,
    wallSecondsByStage: clock.timings(),
    cpuSecondsByTask,
    peakMib,
    treePeakMib,
    messageCount,
    frameCount,
    sizeBytes,
  };
}

/** Paints the frames to files, some segments at a time, and measures only their encoding. */
async function encodeBarely(
  request: MakeFilmRequest,
  { settings, cores, folder: root, signal }: BenchFilmOptions,
): Promise<Cost> {
  const folder = path.join(root, "bare");
  await mkdir(folder);
  const encoder = encoderSettings[settings.quality];
  let [wallSeconds, cpuSeconds] = [0, 0];
  const plans = (await drawFilm(request, folder)).map(({ plan }) => plan);
  // A film encodes the longest segments first, too.
  for (const batch of batchesOf(plans.toSorted((a, b) => b.frameCount - a.frameCount))) {
    const files = batch.map((plan, index) => {
      const stem = path.join(folder, String(index));
      return { plan, encoder, rawPath: `${stem}.yuv`, output: `${stem}.mp4` };
    });
    await mapConcurrent(files, cores, signal, ({ plan, rawPath }, stop) =>
      paintRaw(plan, rawPath, { folder, signal: stop }),
    );
    const { cost } = await costOf(() =>
      mapConcurrent(files, cores, signal, (file, stop) => encodeRaw(file, { folder, signal: stop })),
    );
    wallSeconds += cost.wallSeconds;
    cpuSeconds += cost.cpuSeconds;
    for (const { rawPath } of files) await rm(rawPath);
  }
  return { wallSeconds, cpuSeconds };
}

function batchesOf(plans: readonly PaintPlan[]): PaintPlan[][] {
  const batches: PaintPlan[][] = [];
  let free = 0;
  for (const plan of plans) {
    if (plan.frameCount > free) {
      batches.push([]);
      free = maxRawFrames;
    }
    batches.at(-1)?.push(plan);
    free -= plan.frameCount;
  }
  return batches;
}
