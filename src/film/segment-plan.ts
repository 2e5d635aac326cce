import type { ScenePaint } from "./scene-paint.js";
import type { FrameSpan } from "./segments.js";

/** A drawn scene at its place in the film. Neighbours overlap by the dissolve, others do not touch. */
export interface PaintedScene extends FrameSpan {
  readonly paint: ScenePaint;
}

/** All that one segment shows: `firstFrame` of the film, and so many frames from there. */
export interface SegmentPlan extends FrameSpan {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** In film order; scenes that the segment does not show are allowed and ignored. */
  readonly scenes: readonly PaintedScene[];
  readonly dissolveFrames: number;
  readonly fadeFromBlackFrames: number;
  readonly fadeToBlackFrames: number;
  readonly filmFrameCount: number;
}
