import { readFile } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import type { MeansGrid } from "../../kernel/frame-means.js";
import type { InspectionPlan, PlannedScene } from "./inspection-plan.js";
import { includesFrame, type FrameSpan, type InspectedSegment } from "../model/segments.js";
import { filmPlace } from "./film-place.js";
import { isBlack, thumbnailBytes, thumbnailGrid } from "./thumbnail.js";

/** Steps by which a cell with text differs from its neighbours; soft backgrounds differ by one. */
const minTextContrast = 4;

/**
 * Inspects the whole film by the thumbnails of its frames, which its segments were found to match: no frame is black
 * where a picture was planned, and no scene shows only its background where something is to be read.
 *
 * @param segments in film order, covering the film
 * @throws KeepsakeError `film-black-range`, `film-message-missing`, `film-damaged`
 */
export async function inspectThumbnails(
  segments: readonly Pick<InspectedSegment, "thumbnails" | "frameCount">[],
  plan: InspectionPlan,
): Promise<void> {
  const grid = thumbnailGrid(plan);
  const size = thumbnailBytes(grid);
  const mayBeBlack = [...plan.fades, ...plan.scenes.filter((scene) => scene.mayBeBlack)];
  const withText = new Map(
    plan.scenes.filter(({ showsText }) => showsText).map((scene) => [middleOf(scene), scene]),
  );
  let frame = 0;
  for (const { thumbnails: path, frameCount } of segments) {
    const thumbnails = await readFile(path);
    if (thumbnails.length !== frameCount * size) {
      throw new KeepsakeError(
        "film-damaged",
        `The thumbnails file of the segment at ${filmPlace(frame, plan.fps)} has the wrong length.`,
      );
    }
    for (let index = 0; index < frameCount; index++) {
      const thumbnail = thumbnails.subarray(index * size, (index + 1) * size);
      if (isBlack(thumbnail, grid) && !mayBeBlack.some((span) => includesFrame(span, frame))) {
        throw new KeepsakeError(
          "film-black-range",
          `The film is black at ${filmPlace(frame, plan.fps)}, in ${sceneAt(plan, frame)}, which was not planned.`,
        );
      }
      const scene = withText.get(frame);
      if (scene !== undefined && maxLocalContrast(thumbnail, grid) < minTextContrast) {
        throw new KeepsakeError(
          "film-message-missing",
          `At ${filmPlace(frame, plan.fps)}, ${nameOf(scene)} shows nothing but its background.`,
        );
      }
      frame += 1;
    }
  }
}

/** Returns the middle frame of a scene, in which everything that fades in is visible. */
function middleOf({ firstFrame, frameCount }: FrameSpan): number {
  return firstFrame + Math.floor(frameCount / 2);
}

function sceneAt({ scenes }: InspectionPlan, frame: number): string {
  const scene = scenes.findLast((candidate) => includesFrame(candidate, frame));
  return scene === undefined ? "no scene" : nameOf(scene);
}

function nameOf({ id, messageId }: PlannedScene): string {
  return messageId === null ? `the scene ${id}` : `the scene ${id} of message ${messageId}`;
}

/**
 * Measures how far the luma of any cell is from the mean of the two cells beside it, or of those above and below it.
 * On backgrounds, which are smooth, it is near zero.
 */
function maxLocalContrast(thumbnail: Uint8Array, { columns, rows }: MeansGrid): number {
  let max = 0;
  for (let row = 1; row < rows - 1; row++) {
    for (let column = 1; column < columns - 1; column++) {
      const cell = row * columns + column;
      for (const apart of [1, columns]) {
        const around = ((thumbnail[cell - apart] as number) + (thumbnail[cell + apart] as number)) / 2;
        max = Math.max(max, Math.abs((thumbnail[cell] as number) - around));
      }
    }
  }
  return max;
}
