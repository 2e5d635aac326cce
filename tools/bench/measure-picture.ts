import { mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";

import { z } from "zod";

import { KeepsakeError } from "../../dist/errors.js";
import { paintedPathsOf, type PaintPlan } from "../../dist/film/model/segments.js";
import { runChild } from "../../dist/process/run-child.js";
import { runProgram } from "../../dist/process/run-program.js";
import type { RawFramesInput } from "./raw-frames-child.js";

/** How close encoded pictures are to the painted ones. */
export interface PictureQuality {
  /** VMAF 0.6.1 (0 to 100; about 97.4 for a perfect copy), or the mean SSIM of luma (0 to 1) without libvmaf. */
  readonly metric: "vmaf" | "ssim";
  readonly mean: number;
  /** First percentile of the scores: one frame in a hundred has a lower score. */
  readonly worstHundredth: number;
  readonly frameCount: number;
}

export interface MeasuredSegment {
  readonly plan: PaintPlan;
  /** Path of the encoded segment. */
  readonly path: string;
}

export interface MeasurePictureOptions {
  /** A program `ffmpeg` with libvmaf; null measures SSIM instead. */
  readonly vmafProgram: string | null;
  /** Private and existing folder; it contains the uncompressed frames of one segment at a time. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface SsimInput {
  readonly path: string;
  readonly rawPath: string;
  readonly width: number;
  readonly height: number;
}

const segmentSeconds = 3600;

/** Paints each segment again without loss, and compares it with the encoded one, frame by frame. */
export async function measurePicture(
  segments: readonly MeasuredSegment[],
  options: MeasurePictureOptions,
): Promise<PictureQuality> {
  const { vmafProgram, signal } = options;
  const folder = path.join(options.folder, "picture");
  await mkdir(folder, { recursive: true });
  const rawPath = path.join(folder, "painted.yuv");
  const marks: number[] = [];
  for (const { plan, path: encoded } of segments) {
    const child = {
      folder,
      reads: [encoded, ...paintedPathsOf(plan)],
      signal,
      timeoutSeconds: segmentSeconds,
    };
    const painting = new URL("./raw-frames-child.js", import.meta.url);
    await runChild<RawFramesInput, null>(painting, { plan, path: rawPath }, child);
    const { width, height } = plan;
    const ssim = new URL("./ssim-child.js", import.meta.url);
    marks.push(
      ...(vmafProgram === null
        ? await runChild<SsimInput, number[]>(ssim, { path: encoded, rawPath, width, height }, child)
        : await vmafOf(vmafProgram, { encoded, rawPath, plan, folder, signal })),
    );
  }
  await rm(folder, { recursive: true });
  const sorted = marks.toSorted((a, b) => a - b);
  return {
    metric: vmafProgram === null ? "ssim" : "vmaf",
    mean: marks.reduce((sum, mark) => sum + mark, 0) / marks.length,
    worstHundredth: sorted[Math.floor(sorted.length / 100)] ?? Number.NaN,
    frameCount: marks.length,
  };
}

/** @returns the program if it can measure VMAF, else null */
export async function findVmafProgram(
  program: string,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<string | null> {
  const tiny = ["-f", "lavfi", "-i", "color=s=192x108:d=0.1"];
  const args = ["-v", "error", ...tiny, ...tiny, "-lavfi", "libvmaf", "-f", "null", "-"];
  try {
    await runProgram(program, { args, folder, user: null, signal });
    return program;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof KeepsakeError && error.code === "program-failed") return null;
    throw error;
  }
}

const logSchema = z.object({ frames: z.array(z.object({ metrics: z.object({ vmaf: z.number() }) })) });

interface VmafInput {
  readonly encoded: string;
  readonly rawPath: string;
  readonly plan: PaintPlan;
  readonly folder: string;
  readonly signal: AbortSignal;
}

async function vmafOf(
  program: string,
  { encoded, rawPath, plan, folder, signal }: VmafInput,
): Promise<number[]> {
  const { width, height, fps } = plan;
  // A relative name is used, because a path in the options of a filter must be escaped twice.
  const logName = "vmaf.json";
  const painted = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", `${width}x${height}`, "-r", String(fps)];
  const args = ["-v", "error", "-i", encoded, ...painted, "-i", rawPath];
  const measure = `[0:v][1:v]libvmaf=log_fmt=json:log_path=${logName}:n_threads=2`;
  await runProgram(program, {
    args: [...args, "-lavfi", measure, "-f", "null", "-"],
    folder,
    user: null,
    signal,
  });
  const log = logSchema.parse(JSON.parse(await readFile(path.join(folder, logName), "utf8")));
  return log.frames.map(({ metrics }) => metrics.vmaf);
}
