import { rm } from "node:fs/promises";

import { runChild } from "../../process/run-child.js";
import type { EncoderSettings } from "../model/quality.js";
import { paintedPathsOf, type EncodedSegment, type PaintPlan } from "../model/segments.js";

export interface EncodeSegmentOptions {
  readonly encoder: EncoderSettings;
  /** The file to write, with `.thumbnails` beside it; overwritten if they exist. */
  readonly output: string;
  /** The child's working directory; must exist and be private. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Called with the frames handed to the encoder so far, at most five times a second. */
  readonly onFrames?: (framesDone: number) => void;
}

export interface EncodeInput {
  readonly plan: PaintPlan;
  readonly encoder: EncoderSettings;
  readonly output: string;
  readonly thumbnails: string;
}

/** What the child process used. */
export interface EncodeUsage {
  readonly cpuSeconds: number;
  readonly peakMib: number;
}

/** Beside the segment. */
export function thumbnailsPath(segmentPath: string): string {
  return `${segmentPath}.thumbnails`;
}

/** In 4K, which needs a third of it; it decodes clips too, so what it writes is bounded closely. */
const limits = { memoryMib: 3072, outputMib: 4096 };
/** A child that is slower than this a frame is stuck: fifty times what it should need. */
const secondsPerFrame = 10;
const startSeconds = 60;

/**
 * Paints and encodes one segment in a child process, which uses little more than one core: side by side they fill a
 * machine.
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
  // What lies there may be kept elsewhere by a hard link: written anew, not over.
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
