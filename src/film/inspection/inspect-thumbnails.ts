import { readFile } from "node:fs/promises";

import { KeepsakeError } from "../../errors.js";
import type { MeansGrid } from "../../kernel/frame-means.js";
import type { InspectionPlan, PlannedScene } from "./inspection-plan.js";
import { includesFrame, type FrameSpan, type InspectedSegment } from "../model/segments.js";
import { filmPlace } from "./film-place.js";
import { isBlack, thumbnailBytes, thumbnailGrid } from "./thumbnail.js";

/** Steps by which a cell with something written in it stands out from its neighbours; soft backgrounds differ by one. */
const minTextContrast = 4;

/**
 * Looks at the whole film by the thumbnails of its frames, which its segments were found to show: no frame is black where
 * a picture was planned, and no scene is a bare background where something is to be read.
 *
 * @param segments in film order, covering it
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
        `The thumbnails of the segment at ${filmPlace(frame, plan.fps)} are not whole.`,
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
          `Nothing is to be seen on ${nameOf(scene)} but its background, at ${filmPlace(frame, plan.fps)}.`,
        );
      }
      frame += 1;
    }
  }
}

/** By then all that fades in is there. */
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
 * How far the luma of any cell is from the mean of the two beside it, or of those above and below it: next to nothing
 * on backgrounds, which are smooth.
 */
function maxLocalContrast(thumbnail: Uint8Array, { columns, rows }: MeansGrid): number {
  let most = 0;
  for (let row = 1; row < rows - 1; row++) {
    for (let column = 1; column < columns - 1; column++) {
      const cell = row * columns + column;
      for (const apart of [1, columns]) {
        const around = ((thumbnail[cell - apart] as number) + (thumbnail[cell + apart] as number)) / 2;
        most = Math.max(most, Math.abs((thumbnail[cell] as number) - around));
      }
    }
  }
  return most;
}
