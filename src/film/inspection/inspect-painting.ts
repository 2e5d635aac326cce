import { KeepsakeError } from "../../errors.js";
import { scenesAt } from "../paint/mix-at.js";
import { includesFrame, type PaintPlan, type PlacedScene } from "../model/segments.js";
import { filmPlace } from "./film-place.js";
import { maxDifference, thumbnailBytes, thumbnailGrid, meanDifference } from "./thumbnail.js";
import { openLumaPrediction } from "./predict-luma.js";

/*
 * Steps of luma by which a painted frame may differ from its prediction, which samples few pixels and interpolates
 * linearly. Films of real photographs differ by 0.5 in the mean and 5 in a cell; a missing line of words differs by
 * 30.
 */
const maxMean = 3;
const maxInCell = 20;
/** Change of the prediction, in the mean and in a cell, above which the painted frames cannot be equal. */
const movedMean = 0.5;
const movedInCell = 4;

/**
 * Checks that the painter painted what was drawn. Once per second, wherever a scene without a clip is alone on
 * screen, the thumbnail of the frame is compared with a prediction from its background, camera and overlays that is
 * computed independently of the painter.
 *
 * @param thumbnails of all frames of the segment
 * @param filmFrame frame of the film at which the segment begins
 * @throws KeepsakeError `film-picture-wrong`, `film-frozen-range`
 */
export async function inspectPainting(
  plan: PaintPlan,
  thumbnails: Uint8Array,
  filmFrame: number,
): Promise<void> {
  const grid = thumbnailGrid(plan);
  const size = thumbnailBytes(grid);
  const place = (index: number) => filmPlace(filmFrame + index, plan.fps);
  for (const [scene, indices] of framesToInspect(plan)) {
    const prediction = await openLumaPrediction(scene, plan, grid);
    let before: Sample | null = null;
    for (const index of indices) {
      const luma = prediction.at(plan.firstFrame + index - scene.firstFrame);
      const painted = thumbnails.subarray(index * size, index * size + luma.length);
      const sample: Sample = { index, painted, luma };
      if (before !== null && standsStill(before, sample)) {
        throw new KeepsakeError(
          "film-frozen-range",
          `The film stands still from ${place(before.index)} to ${place(index)}, where its picture should move.`,
        );
      }
      const mean = meanDifference(painted, luma);
      const worst = maxDifference(painted, luma);
      if (mean > maxMean || worst > maxInCell) {
        throw new KeepsakeError(
          "film-picture-wrong",
          `The film at ${place(index)} is not painted as it was drawn: it differs by ${worst.toFixed(0)} of 255 in ` +
            `the worst part and by ${mean.toFixed(0)} in the mean.`,
        );
      }
      before = sample;
    }
  }
}

interface Sample {
  readonly index: number;
  /** Luma of what was painted, and the predicted luma. */
  readonly painted: Uint8Array;
  readonly luma: Float32Array;
}

function standsStill(before: Sample, now: Sample): boolean {
  const isMoved =
    meanDifference(before.luma, now.luma) > movedMean || maxDifference(before.luma, now.luma) > movedInCell;
  return isMoved && maxDifference(before.painted, now.painted) === 0;
}

/** Groups the frames to inspect by scene, counted from the segment's first frame. */
function framesToInspect(plan: PaintPlan): Map<PlacedScene, number[]> {
  const frames = new Map<PlacedScene, number[]>();
  for (let index = 0; index < plan.frameCount; index += plan.fps) {
    const scene = sceneAlone(plan, plan.firstFrame + index);
    if (scene !== null) frames.set(scene, [...(frames.get(scene) ?? []), index]);
  }
  return frames;
}

/** Returns the scene where it is alone, in full light, and predictable: the content of a clip depends on its file. */
function sceneAlone(plan: PaintPlan, frame: number): PlacedScene | null {
  const [only, second] = scenesAt(plan.scenes, plan.dissolveFrames, frame);
  if (only === undefined || second !== undefined || only.scene.layers.clip !== null) return null;
  const isFading = [plan.fadeFromBlack, plan.fadeToBlack].some(
    (fade) => fade !== null && includesFrame(fade, frame),
  );
  return isFading ? null : only.scene;
}
