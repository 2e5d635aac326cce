import { KeepsakeError } from "../../errors.js";
import { scenesAt } from "../paint/mix-at.js";
import type { PaintedScene, SegmentPlan } from "../model/segment-plan.js";
import type { FrameSpan } from "../model/segments.js";
import { filmPlace } from "./film-place.js";
import { largestDifference, lookBytes, lookGrid, meanDifference } from "./thumbnail.js";
import { openLumaPrediction } from "./predict-luma.js";

/*
 * Steps of luma by which a painted frame may differ from its prediction, which looks at few pixels between their
 * nearest: films of real photographs differ by 0.5 in the mean and 5 in a cell, a line of words that is missing by 30.
 */
const mostMean = 3;
const mostInCell = 20;
/** Where the drawing moves on by this, the painted frames cannot be equal. */
const movedMean = 0.5;
const movedInCell = 4;

/**
 * The painter painted what was drawn: once a second, wherever a scene without a clip is alone on screen, the look of
 * the frame is compared with what its ground, its camera and its overlays make it, worked out apart from the painter.
 *
 * @param looks of all frames of the segment
 * @param filmFrame at which the segment begins
 * @throws KeepsakeError `film-picture-wrong`, `film-frozen-stretch`
 */
export async function inspectPainting(
  plan: SegmentPlan,
  looks: Uint8Array,
  filmFrame: number,
): Promise<void> {
  const grid = lookGrid(plan);
  const size = lookBytes(grid);
  const place = (index: number) => filmPlace(filmFrame + index, plan.fps);
  for (const [scene, indices] of framesToInspect(plan)) {
    const prediction = await openLumaPrediction(scene, plan, grid);
    let before: Seen | null = null;
    for (const index of indices) {
      const luma = prediction.at(plan.firstFrame + index - scene.firstFrame);
      const look = looks.subarray(index * size, index * size + luma.length);
      const seen: Seen = { index, look, luma };
      if (before !== null && standsStill(before, seen)) {
        throw new KeepsakeError(
          "film-frozen-stretch",
          `The film stands still from ${place(before.index)} to ${place(index)}, where its picture was to move.`,
        );
      }
      const mean = meanDifference(look, luma);
      const worst = largestDifference(look, luma);
      if (mean > mostMean || worst > mostInCell) {
        throw new KeepsakeError(
          "film-picture-wrong",
          `The film is not painted at ${place(index)} as it was drawn: it differs by ${worst.toFixed(0)} of 255 in ` +
            `the worst part and by ${mean.toFixed(0)} in the mean.`,
        );
      }
      before = seen;
    }
  }
}

interface Seen {
  readonly index: number;
  /** Luma of what was painted, and of what was to be. */
  readonly look: Uint8Array;
  readonly luma: Float32Array;
}

function standsStill(before: Seen, now: Seen): boolean {
  const isMoved =
    meanDifference(before.luma, now.luma) > movedMean ||
    largestDifference(before.luma, now.luma) > movedInCell;
  return isMoved && largestDifference(before.look, now.look) === 0;
}

/** By scene, counted from the segment's first. */
function framesToInspect(plan: SegmentPlan): Map<PaintedScene, number[]> {
  const frames = new Map<PaintedScene, number[]>();
  for (let index = 0; index < plan.frameCount; index += plan.fps) {
    const scene = sceneAlone(plan, plan.firstFrame + index);
    if (scene !== null) frames.set(scene, [...(frames.get(scene) ?? []), index]);
  }
  return frames;
}

/** The scene, where it is alone, in full light, and wholly known: where a clip is depends on its file. */
function sceneAlone(plan: SegmentPlan, frame: number): PaintedScene | null {
  const [only, second] = scenesAt(plan.scenes, plan.dissolveFrames, frame);
  if (only === undefined || second !== undefined || only.scene.paint.clip !== null) return null;
  const isFading = [plan.fadeFromBlack, plan.fadeToBlack].some(
    (fade) => fade !== null && isWithin(frame, fade),
  );
  return isFading ? null : only.scene;
}

function isWithin(frame: number, { firstFrame, frameCount }: FrameSpan): boolean {
  return frame >= firstFrame && frame < firstFrame + frameCount;
}
