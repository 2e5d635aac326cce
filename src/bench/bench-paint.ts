/**
 * What painting costs: a slideshow of four 12-megapixel photos, from JPEG to encoded segments through the same
 * processes as a film, against encoding the very same frames from a file. Both in turn, pair by pair, so that other
 * work on the machine weighs on both.
 */
import { rm } from "node:fs/promises";
import path from "node:path";

import { encodeSegment } from "../film/encode-segment.js";
import type { EncoderSettings } from "../film/quality.js";
import type { SegmentPlan } from "../film/segment-plan.js";
import { planSegments } from "../film/segments.js";
import { runChild } from "../process/run-child.js";
import { sideBySide } from "../side-by-side.js";
import type { BareEncodeInput } from "./bare-encode-child.js";
import type { MakePhotoInput } from "./make-photo-child.js";
import { openPeakWatch, treeCpuSeconds } from "./process-tree.js";
import type { RawFramesInput } from "./raw-frames-child.js";
import { planSlideshow } from "./slideshow.js";

export interface BenchPaintOptions {
  readonly preset: EncoderSettings["preset"];
  readonly frameCount: number;
  readonly pairCount: number;
  /** Processes side by side. */
  readonly cores: number;
  /** Private and existing; needs 3 MB for each frame. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onStep?: (step: string) => void;
}

export interface BenchPaintResult {
  /** Of the whole pipeline to the encoder alone: medians of the pairs. */
  readonly wallRatio: number;
  readonly cpuRatio: number;
  /** Frames that the encoder alone makes in a second of wall time. */
  readonly encodeFps: number;
  /** Of the pipeline's largest process. */
  readonly peakMib: number;
  readonly preset: EncoderSettings["preset"];
  readonly frameCount: number;
  readonly pairs: readonly Pair[];
}

interface Pair {
  readonly pipeline: Cost;
  readonly encoder: Cost;
}

interface Cost {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/** 12 megapixels, wide enough to fill the frame. */
const photoSize = { width: 4096, height: 2880 };
const photoSeeds = [1, 2, 3, 4];
/** That of the figures in the design this is compared with. */
const crf = 18;
const stepSeconds = 3600;

/** @throws KeepsakeError `usage` where there is no /proc, and those of the pipeline; the signal's reason */
export async function benchPaint(options: BenchPaintOptions): Promise<BenchPaintResult> {
  const { frameCount, pairCount, cores, folder, signal } = options;
  const say = options.onStep ?? (() => undefined);
  const encoder = { preset: options.preset, crf };
  const childOptions = { folder, timeoutSeconds: stepSeconds };
  treeCpuSeconds();

  say("making four photos");
  const originals = await sideBySide(photoSeeds, cores, signal, (seed, stop) =>
    makePhoto(seed, folder, stop),
  );

  say("painting their slideshow to a file");
  const slideshow = { frameCount, cores, signal };
  const plan = await planSlideshow(originals, { ...slideshow, folder: path.join(folder, "reference") });
  const rawPath = path.join(folder, "frames.yuv");
  const painting = new URL("./raw-frames-child.js", import.meta.url);
  await runChild<RawFramesInput, null>(painting, { plan, path: rawPath }, { ...childOptions, signal });

  const runPipeline = async (): Promise<void> => {
    const own = path.join(folder, "pipeline");
    const drawn = await planSlideshow(originals, { ...slideshow, folder: own });
    await eachSegment(drawn, options, async (segment, output, stop) => {
      await encodeSegment(segment, { encoder, output, folder: own, signal: stop });
    });
    await rm(own, { recursive: true });
  };
  const runEncoder = (): Promise<void> =>
    eachSegment(plan, options, async (segment, output, stop) => {
      const task = new URL("./bare-encode-child.js", import.meta.url);
      const input = { plan: segment, encoder, rawPath, output };
      await runChild<BareEncodeInput, null>(task, input, { ...childOptions, signal: stop });
    });

  const pairs: Pair[] = [];
  let peakMib = 0;
  for (let pair = 1; pair <= pairCount; pair += 1) {
    say(`pair ${pair} of ${pairCount}: the whole pipeline`);
    using watch = openPeakWatch();
    const pipeline = await costOf(runPipeline);
    peakMib = Math.max(peakMib, watch.peakMib);
    say(`pair ${pair} of ${pairCount}: the encoder alone`);
    pairs.push({ pipeline, encoder: await costOf(runEncoder) });
  }
  return {
    wallRatio: median(pairs.map(({ pipeline, encoder: bare }) => pipeline.wallSeconds / bare.wallSeconds)),
    cpuRatio: median(pairs.map(({ pipeline, encoder: bare }) => pipeline.cpuSeconds / bare.cpuSeconds)),
    encodeFps: frameCount / median(pairs.map(({ encoder: bare }) => bare.wallSeconds)),
    peakMib,
    preset: options.preset,
    frameCount,
    pairs,
  };
}

async function makePhoto(seed: number, folder: string, signal: AbortSignal): Promise<string> {
  const file = path.join(folder, `photo-${seed}.jpg`);
  const task = new URL("./make-photo-child.js", import.meta.url);
  const input = { seed, ...photoSize, path: file };
  await runChild<MakePhotoInput, null>(task, input, { folder, signal, timeoutSeconds: stepSeconds });
  return file;
}

/** The segments of the film, as many side by side as a film makes them. */
async function eachSegment(
  plan: SegmentPlan,
  { cores, folder, signal }: BenchPaintOptions,
  encode: (segment: SegmentPlan, output: string, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const segments = planSegments(plan.scenes, {
    dissolveFrames: plan.dissolveFrames,
    filmFrameCount: plan.frameCount,
  });
  await sideBySide([...segments.entries()], cores, signal, ([index, span], stop) =>
    encode({ ...plan, ...span }, path.join(folder, `segment-${index}.mp4`), stop),
  );
}

async function costOf(run: () => Promise<void>): Promise<Cost> {
  const [start, startCpu] = [performance.now(), treeCpuSeconds()];
  await run();
  return { wallSeconds: (performance.now() - start) / 1000, cpuSeconds: treeCpuSeconds() - startCpu };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2;
}
