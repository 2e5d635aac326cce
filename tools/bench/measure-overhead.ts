/**
 * Measures the cost of painting in addition to encoding: segments are made from their sources by the processes that also
 * make films, and the same frames are encoded from files. Both are run alternately, in pairs, so that other work on the
 * machine affects both.
 */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";

import { encodeSegment } from "../../dist/film/segments/encode-segment.js";
import type { EncoderSettings } from "../../dist/film/model/quality.js";
import type { PaintPlan } from "../../dist/film/model/segments.js";
import { mapConcurrent } from "../../dist/async/map-concurrent.js";
import { encodeRaw, paintRaw } from "./bare-encode.js";
import { openPeakWatch, treeCpuSeconds } from "./process-tree.js";

export interface OverheadOptions {
  readonly preset: EncoderSettings["preset"];
  readonly pairCount: number;
  /** Processes that draw or encode at the same time. */
  readonly cores: number;
  /** Private and existing folder; each frame needs 3 MB at 1080p. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onStep?: (step: string) => void;
}

export interface Overhead {
  /** Time of the whole pipeline divided by that of the encoder alone: medians of the pairs. */
  readonly wallRatio: number;
  readonly cpuRatio: number;
  /** Frames per second of wall time of the encoder alone. */
  readonly encodeFps: number;
  /** Peak memory of the pipeline's largest process. */
  readonly peakMib: number;
  readonly preset: EncoderSettings["preset"];
  readonly frameCount: number;
  readonly pairs: readonly Pair[];
}

interface Pair {
  readonly pipeline: Cost;
  readonly encoder: Cost;
}

export interface Cost {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/** The quality of the figures in the design document, for comparison. */
const crf = 18;

/**
 * @param draw runs all steps before painting, and writes its files into the folder
 * @returns the ratios and the figures behind them
 * @throws KeepsakeError `usage` where there is no /proc, and those of the pipeline; the signal's reason
 */
export async function measureOverhead(
  draw: (folder: string) => Promise<readonly PaintPlan[]>,
  options: OverheadOptions,
): Promise<Overhead> {
  const { preset, pairCount, cores, folder, signal } = options;
  const reportStep = options.onStep ?? (() => undefined);
  const encoder = { preset, crf };
  treeCpuSeconds();

  reportStep("painting the frames to files");
  const reference = path.join(folder, "reference");
  await mkdir(reference);
  const segments = await draw(reference);
  const rawPath = (index: number): string => path.join(reference, `frames-${index}.yuv`);
  const output = (index: number): string => path.join(folder, `segment-${index}.mp4`);
  const eachSegment = (
    of: readonly PaintPlan[],
    make: (plan: PaintPlan, index: number, signal: AbortSignal) => Promise<unknown>,
  ): Promise<unknown> =>
    mapConcurrent([...of.entries()], cores, signal, ([index, plan], stop) => make(plan, index, stop));
  await eachSegment(segments, (plan, index, stop) =>
    paintRaw(plan, rawPath(index), { folder: reference, signal: stop }),
  );

  const runPipeline = async (): Promise<void> => {
    const own = path.join(folder, "pipeline");
    await mkdir(own);
    await eachSegment(await draw(own), (plan, index, stop) =>
      encodeSegment(plan, { encoder, output: output(index), folder, signal: stop }),
    );
    await rm(own, { recursive: true });
  };
  const runEncoder = async (): Promise<void> => {
    await eachSegment(segments, (plan, index, stop) =>
      encodeRaw({ plan, encoder, rawPath: rawPath(index), output: output(index) }, { folder, signal: stop }),
    );
  };

  const pairs: Pair[] = [];
  let peakMib = 0;
  for (let pair = 1; pair <= pairCount; pair += 1) {
    reportStep(`pair ${pair} of ${pairCount}: the whole pipeline`);
    using watch = openPeakWatch();
    const { cost: pipeline } = await costOf(runPipeline);
    peakMib = Math.max(peakMib, watch.peakMib);
    reportStep(`pair ${pair} of ${pairCount}: the encoder alone`);
    const { cost: bare } = await costOf(runEncoder);
    pairs.push({ pipeline, encoder: bare });
  }
  const frameCount = segments.reduce((sum, plan) => sum + plan.frameCount, 0);
  return {
    wallRatio: median(pairs.map(({ pipeline, encoder: bare }) => pipeline.wallSeconds / bare.wallSeconds)),
    cpuRatio: median(pairs.map(({ pipeline, encoder: bare }) => pipeline.cpuSeconds / bare.cpuSeconds)),
    encodeFps: frameCount / median(pairs.map(({ encoder: bare }) => bare.wallSeconds)),
    peakMib,
    preset,
    frameCount,
    pairs,
  };
}

/** @param readCpuSeconds default: CPU time of this process and of its children that have ended */
export async function costOf<Result>(
  run: () => Promise<Result>,
  readCpuSeconds: () => number = treeCpuSeconds,
): Promise<{ readonly result: Result; readonly cost: Cost }> {
  const [start, startCpu] = [performance.now(), readCpuSeconds()];
  const result = await run();
  const wallSeconds = (performance.now() - start) / 1000;
  return { result, cost: { wallSeconds, cpuSeconds: readCpuSeconds() - startCpu } };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2;
}
