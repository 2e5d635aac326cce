import { rm } from "node:fs/promises";

import { runChild } from "../../process/run-child.js";
import type { EncoderSettings } from "../model/quality.js";
import { paintedPathsOf, type SegmentPlan } from "../model/segment-plan.js";

export interface EncodeSegmentOptions {
  readonly encoder: EncoderSettings;
  /** The file to write, with `.looks` beside it; overwritten if they exist. */
  readonly output: string;
  /** The child's working directory; must exist and be private. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Called with the frames handed to the encoder so far, at most five times a second. */
  readonly onFrames?: (framesDone: number) => void;
}

/** An MP4 of one H.264 track that holds the frames of a segment from time 0 on, in closed groups of two seconds. */
export interface EncodedSegment {
  readonly path: string;
  /** The look of each frame that was handed to the encoder, one after the other (`inspection/look.ts`). */
  readonly looks: string;
  readonly frameCount: number;
  /** Of the process that made it. */
  readonly cpuSeconds: number;
  readonly peakMib: number;
}

export interface SegmentInput {
  readonly plan: SegmentPlan;
  readonly encoder: EncoderSettings;
  readonly output: string;
  readonly looks: string;
}

export type SegmentOutput = Pick<EncodedSegment, "cpuSeconds" | "peakMib">;

/** Beside the segment. */
export function looksPath(segmentPath: string): string {
  return `${segmentPath}.looks`;
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
  plan: SegmentPlan,
  { encoder, output, folder, signal, onFrames }: EncodeSegmentOptions,
): Promise<EncodedSegment> {
  const end = plan.firstFrame + plan.frameCount;
  const scenes = plan.scenes.filter(
    (scene) => scene.firstFrame < end && scene.firstFrame + scene.frameCount > plan.firstFrame,
  );
  const looks = looksPath(output);
  // What lies there may be kept elsewhere by a hard link: written anew, not over.
  for (const file of [output, looks]) await rm(file, { force: true });
  const usage = await runChild<SegmentInput, SegmentOutput, number>(
    new URL("./segment-child.js", import.meta.url),
    { plan: { ...plan, scenes }, encoder, output, looks },
    {
      signal,
      folder,
      reads: paintedPathsOf({ scenes }),
      timeoutSeconds: startSeconds + plan.frameCount * secondsPerFrame,
      limits,
      ...(onFrames === undefined ? {} : { onProgress: onFrames }),
    },
  );
  return { path: output, looks, frameCount: plan.frameCount, ...usage };
}
