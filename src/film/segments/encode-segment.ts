import { rm } from "node:fs/promises";

import { runChild } from "../../process/run-child.js";
import type { EncoderSettings } from "../model/quality.js";
import { paintedPathsOf, type EncodedSegment, type PaintPlan } from "../model/segments.js";

export interface EncodeSegmentOptions {
  readonly encoder: EncoderSettings;
  /** The file to write, with its thumbnails beside it. Existing files are replaced. */
  readonly output: string;
  /** The child's working directory; must exist and be private. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Called with the frames handed to the encoder so far, at most five times per second. */
  readonly onFrames?: (framesDone: number) => void;
}

export interface EncodeInput {
  readonly plan: PaintPlan;
  readonly encoder: EncoderSettings;
  readonly output: string;
  readonly thumbnails: string;
}

/** CPU time and memory that the child process used. */
export interface EncodeUsage {
  readonly cpuSeconds: number;
  readonly peakMib: number;
}

/** Path of the thumbnails, beside the segment. */
export function thumbnailsPath(segmentPath: string): string {
  return `${segmentPath}.thumbnails`;
}

/**
 * Limits for 4K, which needs a third of this memory. The child also decodes clips, so its output is limited closely.
 */
const limits = { memoryMib: 3072, outputMib: 4096 };
/** A child that takes longer for a frame is stuck: this is fifty times what it should need. */
const secondsPerFrame = 10;
const startSeconds = 60;

/**
 * Paints and encodes one segment in a child process. It uses little more than one core, so that several at once use
 * the whole machine.
 *
 * @throws KeepsakeError `media-library-failed`, `media-damaged` for a clip, and those of `runChild`
 */
export async function encodeSegment(
  plan: PaintPlan,
  { encoder, output, folder, signal, onFrames }: EncodeSegmentOptions,
): Promise<EncodedSegment & EncodeUsage> {
  const end = plan.firstFrame + plan.frameCount;
  const scenes = plan.scenes.filter(
    (scene) => scene.firstFrame < end && scene.firstFrame + scene.frameCount > plan.firstFrame,
  );
  const thumbnails = thumbnailsPath(output);
  // The cache may hold hard links to existing files, so they are removed and not overwritten.
  for (const file of [output, thumbnails]) await rm(file, { force: true });
  const usage = await runChild<EncodeInput, EncodeUsage, number>(
    new URL("./segment-child.js", import.meta.url),
    { plan: { ...plan, scenes }, encoder, output, thumbnails },
    {
      signal,
      folder,
      reads: paintedPathsOf({ scenes }),
      timeoutSeconds: startSeconds + plan.frameCount * secondsPerFrame,
      limits,
      ...(onFrames === undefined ? {} : { onProgress: onFrames }),
    },
  );
  return { path: output, thumbnails, frameCount: plan.frameCount, ...usage };
}
