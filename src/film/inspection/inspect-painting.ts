import { KeepsakeError } from "../../errors.js";
import { scenesAt } from "../paint/mix-at.js";
import { includesFrame, type PaintPlan, type PlacedScene } from "../model/segments.js";
import { filmPlace } from "./film-place.js";
import { maxDifference, thumbnailBytes, thumbnailGrid, meanDifference } from "./thumbnail.js";
import { openLumaPrediction } from "./predict-luma.js";

/*
 * Steps of luma by which a painted frame may differ from its prediction, which thumbnails at few pixels between their
 * nearest: films of real photographs differ by 0.5 in the mean and 5 in a cell, a line of words that is missing by 30.
 */
const maxMean = 3;
const maxInCell = 20;
/** Where the drawing moves on by this, the painted frames cannot be equal. */
const movedMean = 0.5;
const movedInCell = 4;

/**
 * The painter painted what was drawn: once a second, wherever a scene without a clip is alone on screen, the thumbnail of
 * the frame is compared with what its background, its camera and its overlays make it, worked out apart from the painter.
 *
 * @param thumbnails of all frames of the segment
 * @param filmFrame at which the segment begins
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
    let before: Seen | null = null;
    for (const index of indices) {
      const luma = prediction.at(plan.firstFrame + index - scene.firstFrame);
      const thumbnail = thumbnails.subarray(index * size, index * size + luma.length);
      const seen: Seen = { index, thumbnail, luma };
      if (before !== null && standsStill(before, seen)) {
        throw new KeepsakeError(
          "film-frozen-range",
          `The film stands still from ${place(before.index)} to ${place(index)}, where its picture was to move.`,
        );
      }
      const mean = meanDifference(thumbnail, luma);
      const worst = maxDifference(thumbnail, luma);
      if (mean > maxMean || worst > maxInCell) {
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
  readonly thumbnail: Uint8Array;
  readonly luma: Float32Array;
}

function standsStill(before: Seen, now: Seen): boolean {
  const isMoved =
    meanDifference(before.luma, now.luma) > movedMean || maxDifference(before.luma, now.luma) > movedInCell;
  return isMoved && maxDifference(before.thumbnail, now.thumbnail) === 0;
}

/** By scene, counted from the segment's first. */
function framesToInspect(plan: PaintPlan): Map<PlacedScene, number[]> {
  const frames = new Map<PlacedScene, number[]>();
  for (let index = 0; index < plan.frameCount; index += plan.fps) {
    const scene = sceneAlone(plan, plan.firstFrame + index);
    if (scene !== null) frames.set(scene, [...(frames.get(scene) ?? []), index]);
  }
  return frames;
}

/** The scene, where it is alone, in full light, and wholly known: where a clip is depends on its file. */
function sceneAlone(plan: PaintPlan, frame: number): PlacedScene | null {
  const [only, second] = scenesAt(plan.scenes, plan.dissolveFrames, frame);
  if (only === undefined || second !== undefined || only.scene.layers.clip !== null) return null;
  const isFading = [plan.fadeFromBlack, plan.fadeToBlack].some(
    (fade) => fade !== null && includesFrame(fade, frame),
  );
  return isFading ? null : only.scene;
}
