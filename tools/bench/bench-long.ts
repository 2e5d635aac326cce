import { rm } from "node:fs/promises";
import path from "node:path";

import { noCache } from "../../dist/cache/disk-cache.js";
import type { Progress, Stage } from "../../dist/progress.js";
import { createStageClock } from "../../dist/worker/stage-clock.js";
import type { BenchEnvironment } from "./bench-environment.js";
import { openFolderWatch } from "./folder-watch.js";
import { makeLongCapsule, type LongSubject } from "./long-capsule.js";
import { openPeakWatch, treeCpuSeconds } from "./process-tree.js";
import { renderCapsule } from "./render-capsule.js";

export interface BenchLongOptions extends BenchEnvironment {
  readonly subject: LongSubject;
  /** Minutes of a voice or a clip, or the number of messages or names. */
  readonly amount: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface LongFilm {
  readonly subject: LongSubject;
  readonly amount: number;
  readonly width: number;
  readonly height: number;
  readonly frameCount: number;
  readonly durationSeconds: number;
  readonly sizeBytes: number;
  /** Seconds from the first card of names to the end of the film. */
  readonly closingSeconds: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly stageSeconds: Partial<Record<Stage, number>>;
  /** Peak memory of the largest child process; `treePeakMib` is that of all processes together. */
  readonly peakMib: number;
  readonly treePeakMib: number;
  readonly peakMibByTask: Readonly<Record<string, number>>;
  /** Peak size of the work folder. */
  readonly workFolderMib: number;
  readonly warnings: readonly string[];
}

/**
 * Makes one film that is long in one way, and measures its cost.
 *
 * @throws KeepsakeError `usage` where there is no /proc, and those of the film; the signal's reason
 */
export async function benchLong(options: BenchLongOptions): Promise<LongFilm> {
  const { subject, amount, settings, cores, folder, log, signal, onProgress } = options;
  const reportStep = options.onStep ?? (() => undefined);
  treeCpuSeconds();
  const media = path.join(folder, "capsule");
  reportStep("making the capsule");
  const content = await makeLongCapsule({
    subject,
    amount,
    picture: settings,
    folder: media,
    cores,
    signal,
  });
  reportStep("making the film");
  const made = path.join(folder, "film");
  const clock = createStageClock((progress) => onProgress?.(progress));
  using watch = openPeakWatch();
  await using disk = openFolderWatch(made);
  const cpuBefore = treeCpuSeconds();
  const start = performance.now();
  const { film } = await renderCapsule({
    content,
    media,
    settings,
    cores,
    folder: made,
    log,
    signal,
    cache: noCache,
    onProgress: clock.report,
  });
  const closing = film.scenes.find(({ kind }) => kind === "closing")?.firstFrame ?? film.frameCount;
  const result: LongFilm = {
    subject,
    amount,
    width: film.encoding.width,
    height: film.encoding.height,
    frameCount: film.frameCount,
    durationSeconds: film.durationSeconds,
    sizeBytes: film.sizeBytes,
    closingSeconds: (film.frameCount - closing) / settings.fps,
    wallSeconds: (performance.now() - start) / 1000,
    cpuSeconds: treeCpuSeconds() - cpuBefore,
    stageSeconds: clock.timings(),
    peakMib: watch.peakMib,
    treePeakMib: watch.treePeakMib,
    peakMibByTask: watch.peakMibByTask,
    workFolderMib: Math.round(disk.peakBytes / 2 ** 20),
    warnings: film.warnings.map(({ code }) => code),
  };
  await rm(made, { recursive: true });
  return result;
}
