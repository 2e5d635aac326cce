import type { ScenePaint } from "./scene-paint.js";
import type { FrameSpan } from "./segments.js";

/** A drawn scene at its place in the film. Neighbours overlap by the dissolve, others do not touch. */
export interface PaintedScene extends FrameSpan {
  readonly paint: ScenePaint;
}

/**
 * All that one segment shows: so many frames from `firstFrame` on. Nothing painted may depend on anything else, above
 * all not on where in the film it is: segments of another film that look the same are taken from the cache.
 */
export interface SegmentPlan extends FrameSpan {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** In film order; scenes that the segment does not show are allowed and ignored. */
  readonly scenes: readonly PaintedScene[];
  readonly dissolveFrames: number;
  /** From the film's first frame on, and to its last; null where there is no such fade. */
  readonly fadeFromBlack: FrameSpan | null;
  readonly fadeToBlack: FrameSpan | null;
}

/** Paths of the files that are painted in a segment. */
export function paintedPathsOf({ scenes }: Pick<SegmentPlan, "scenes">): readonly string[] {
  return scenes.flatMap(({ paint: { ground, overlays, clip } }) => [
    ground.path,
    ...overlays.map((overlay) => overlay.path),
    ...(clip === null ? [] : [clip.asset.path]),
  ]);
}
