import path from "node:path";
import { mkdir } from "node:fs/promises";

import type { EncoderSettings } from "../../dist/film/model/quality.js";
import type { Motion } from "../../dist/film/model/scene-layers.js";
import { runChild } from "../../dist/process/run-child.js";

/** Distance of objects in a moving picture from their planned places. */
export interface MotionDeviation {
  /** Root mean square in both directions, in pixels of the frame. */
  readonly rmsPx: number;
  readonly worstPx: number;
  /** Largest difference between the actual and the planned movement of one frame, which is visible as a step. */
  readonly worstStepPx: number;
  /** Number of measured places: all crosses in all frames, as far as they are completely inside the frame. */
  readonly placeCount: number;
}

export interface MeasureMotionInput {
  readonly motion: Motion;
  /** Null measures the painted frames before encoding. */
  readonly encoder: EncoderSettings | null;
  readonly folder: string;
}

/** The slowest and the fastest motion of a photo in a film. */
export const measuredMotions: Readonly<Record<string, Motion>> = {
  "slow drift": {
    from: { centreX: 735.3, centreY: 414.1, scale: 1.02 },
    to: { centreX: 744.8, centreY: 419.6, scale: 1.02 },
  },
  "zoom in with drift": {
    from: { centreX: 720, centreY: 405, scale: 1.12 },
    to: { centreX: 775, centreY: 440, scale: 1 },
  },
  "zoom out of an enlarged photo": {
    from: { centreX: 740, centreY: 420, scale: 0.8 },
    to: { centreX: 730, centreY: 410, scale: 0.9 },
  },
};

/**
 * Paints a picture of crosses along a motion, encodes it if there is an encoder, and finds the crosses by the centroid of
 * their light. This measures jitter to a thousandth of a pixel.
 */
export async function measureMotion(
  input: MeasureMotionInput,
  signal: AbortSignal,
): Promise<MotionDeviation> {
  const folder = path.join(input.folder, "motion");
  await mkdir(folder, { recursive: true });
  return await runChild<MeasureMotionInput, MotionDeviation>(
    new URL("./measure-motion-child.js", import.meta.url),
    { ...input, folder },
    { folder, signal, timeoutSeconds: 600 },
  );
}
