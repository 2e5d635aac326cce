import type { PaintPlan } from "../model/segments.js";
import type { FrameSpan } from "../model/segments.js";
import { ease } from "../model/ease.js";

/** A scene on screen, and its opacity over the scenes below it; that of the first is always 1. */
export interface ShownScene<S extends FrameSpan> {
  readonly scene: S;
  readonly weight: number;
}

/**
 * Returns the scenes on screen at a frame of the film, from bottom to top. In a dissolve the later scene appears over
 * the earlier one, slightly in the first frame of the dissolve and not yet completely in its last.
 */
export function scenesAt<S extends FrameSpan>(
  scenes: readonly S[],
  dissolveFrames: number,
  frame: number,
): ShownScene<S>[] {
  const shown: ShownScene<S>[] = [];
  for (const scene of scenes) {
    const sceneFrame = frame - scene.firstFrame;
    if (sceneFrame < 0 || sceneFrame >= scene.frameCount) continue;
    const weight = shown.length === 0 ? 1 : ease((sceneFrame + 1) / (dissolveFrames + 1));
    if (weight === 1) shown.length = 0;
    shown.push({ scene, weight });
  }
  return shown;
}

/** Returns the share of light at a frame: 0 in the film's first and last frame, 1 between the fades. */
export function lightAt(
  { fadeFromBlack, fadeToBlack }: Pick<PaintPlan, "fadeFromBlack" | "fadeToBlack">,
  frame: number,
): number {
  const fromStart =
    fadeFromBlack === null ? 1 : ease((frame - fadeFromBlack.firstFrame) / fadeFromBlack.frameCount);
  const toEnd =
    fadeToBlack === null
      ? 1
      : ease((fadeToBlack.firstFrame + fadeToBlack.frameCount - 1 - frame) / fadeToBlack.frameCount);
  return Math.min(fromStart, toEnd);
}
